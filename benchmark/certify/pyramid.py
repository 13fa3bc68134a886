"""Statistics of an image's pixels at several scales: what a certifier sees instead of an encoder's embedding.

Fixed arithmetic, nothing learned: an encoder that is being judged, or one related to it, could agree with a wrong
ladder. First-order statistics tell colours, light and place; second-order ones (energies of bands and edges,
correlations at a distance) tell textures of mean zero, which no average of pixels shows.
"""

import numpy as np
from jaxtyping import Float, UInt8

Images = UInt8[np.ndarray, "n h w 3"]
Planes = Float[np.ndarray, "n h w"]

LUMINANCE = np.array([0.299, 0.587, 0.114])
_OPPONENTS = np.array([LUMINANCE, [1.0, -1.0, 0.0], [-0.5, -0.5, 1.0]])
"""Luminance, red against green, blue against yellow."""
N_SCALES = 4
_LAGS = range(1, 7)
_GRID = 8
_N_RINGS = 4
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_BATCH = 8
"""Images at a time; more fall out of the processor's cache."""
_DARKEST = 0.01
"""Added to energies before their logarithm: differences below a hundredth of the range are rounding."""


def pyramid_statistics(images: Images) -> Float[np.ndarray, "n d"]:
    """One row of statistics per image, of equal length for images of every size.

    Colours: means on a grid of 8 × 8 places and in four rings around the centre, covariances, quantiles of luminance,
    saturation. Textures: logarithms of the energies of bands and of edges in four directions at four scales, and
    correlations of the finest band with itself at distances of 1 to 6 pixels in four directions.
    """
    return np.concatenate(
        [
            _statistics(images[start : start + _BATCH] / np.float32(255))
            for start in range(0, len(images), _BATCH)
        ]
    )


def halved(images: Float[np.ndarray, "n h w c"]) -> Float[np.ndarray, "n h2 w2 c"]:
    """Half the size by averaging 2 × 2 blocks; an odd last row or column is left out."""
    height, width = images.shape[1] // 2 * 2, images.shape[2] // 2 * 2
    even = images[:, :height, :width]
    return (even[:, ::2, ::2] + even[:, 1::2, ::2] + even[:, ::2, 1::2] + even[:, 1::2, 1::2]) / 4


def _statistics(images: Float[np.ndarray, "n h w 3"]) -> Float[np.ndarray, "n d"]:
    planes = images @ _OPPONENTS.T.astype(np.float32)
    found = [_colours(images, planes[..., 0])]
    finest = None
    for _ in range(N_SCALES):
        band = planes - _smoothed(planes)
        finest = band[..., 0] if finest is None else finest
        found.append(_energies(band, planes[..., 0]))
        if (
            min(planes.shape[1:3]) >= 4
        ):  # a smaller image repeats its coarsest scale, so that rows are equally long
            planes = halved(planes)
    assert finest is not None
    return np.concatenate([*found, _correlations(finest)], axis=1)


def _colours(images: Float[np.ndarray, "n h w 3"], luminance: Planes) -> Float[np.ndarray, "n d"]:
    n = len(images)
    pixels = images.reshape(n, -1, 3)
    centred = pixels - pixels.mean(axis=1, keepdims=True)
    covariances = centred.transpose(0, 2, 1) @ centred / pixels.shape[1]
    red, green, blue = np.moveaxis(pixels, 2, 0)
    saturation = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    rows = [
        _grid_means(images).reshape(n, -1),
        _ring_means(images).reshape(n, -1),
        covariances[:, *np.triu_indices(3)],
        np.quantile(luminance.reshape(n, -1), _QUANTILES, axis=1).T,
        np.stack([saturation.mean(axis=1), saturation.std(axis=1)], axis=1),
    ]
    return np.concatenate(rows, axis=1)


def _grid_means(images: Float[np.ndarray, "n h w 3"]) -> Float[np.ndarray, "n g g 3"]:
    rows, columns = (np.arange(size) * _GRID // size for size in images.shape[1:3])
    to_rows, to_columns = (_averaging(places, _GRID) for places in (rows, columns))
    return np.einsum("ngwc,kw->ngkc", np.einsum("gh,nhwc->ngwc", to_rows, images), to_columns)


def _ring_means(images: Float[np.ndarray, "n h w 3"]) -> Float[np.ndarray, "n r 3"]:
    y, x = (np.abs((np.arange(size) + 0.5) / size - 0.5) for size in images.shape[1:3])
    radius = np.hypot(y[:, None], x[None, :]) / np.hypot(0.5, 0.5)
    rings = np.minimum((radius * _N_RINGS).astype(int), _N_RINGS - 1).ravel()
    return np.einsum("rp,npc->nrc", _averaging(rings, _N_RINGS), images.reshape(len(images), -1, 3))


def _averaging(places: np.ndarray, n: int) -> Float[np.ndarray, "n p"]:
    """Weights that average what belongs to each of `n` places; of a place that nothing belongs to, zeros."""
    member = places[None, :] == np.arange(n)[:, None]
    return (member / np.maximum(member.sum(axis=1, keepdims=True), 1)).astype(np.float32)


def _energies(band: Float[np.ndarray, "n h w 3"], luminance: Planes) -> Float[np.ndarray, "n d"]:
    down, right = np.diff(luminance, axis=1), np.diff(luminance, axis=2)
    falling = luminance[:, 1:, 1:] - luminance[:, :-1, :-1]
    rising = luminance[:, :-1, 1:] - luminance[:, 1:, :-1]
    sharp = np.abs(band[..., 0]).mean(axis=(1, 2))
    roots = [np.sqrt(np.square(band).mean(axis=(1, 2)))]
    roots += [
        np.sqrt(np.square(edges).sum(axis=(1, 2)) / max(edges[0].size, 1))[:, None]
        for edges in (down, right, falling, rising)
    ]
    return np.log(np.concatenate([*roots, sharp[:, None]], axis=1) + _DARKEST)


def _correlations(band: Planes) -> Float[np.ndarray, "n d"]:
    power = np.square(band).mean(axis=(1, 2)) + _DARKEST**2
    found = []
    for lag in _LAGS:
        for one, other in (
            (band[:, lag:], band[:, :-lag]),
            (band[:, :, lag:], band[:, :, :-lag]),
            (band[:, lag:, lag:], band[:, :-lag, :-lag]),
            (band[:, :-lag, lag:], band[:, lag:, :-lag]),
        ):
            found.append((one * other).sum(axis=(1, 2)) / max(one[0].size, 1) / power)
    return np.stack(found, axis=1)


def _smoothed(planes: Float[np.ndarray, "n h w c"]) -> Float[np.ndarray, "n h w c"]:
    """Each pixel's mean with its neighbours, weighted 1 : 2 : 1 along both axes; edges are repeated."""
    tall = np.concatenate([planes[:, :1], planes, planes[:, -1:]], axis=1)
    planes = (tall[:, :-2] + 2 * tall[:, 1:-1] + tall[:, 2:]) / 4
    wide = np.concatenate([planes[:, :, :1], planes, planes[:, :, -1:]], axis=2)
    return (wide[:, :, :-2] + 2 * wide[:, :, 1:-1] + wide[:, :, 2:]) / 4
