"""The transformer attends, normalises and looks back as its source says."""

import torch

from baselines.diff_caption.blocks import Norm, Transformer, look_back


def transformer(n_blocks: int = 2) -> Transformer:
    torch.manual_seed(0)
    return Transformer(8, 16, heads=2, n_blocks=n_blocks, dropout=0.0).eval()


def test_normalisation_uses_the_unbiased_deviation() -> None:
    x = torch.tensor([[1.0, 2.0, 6.0]])
    torch.testing.assert_close(Norm(3, eps=0.5)(x), (x - 3) / (7.0**0.5 + 0.5))


def test_a_block_is_that_of_a_plain_loop() -> None:
    network = transformer(1)
    block, x = network.layers[0], torch.randn(1, 4, 8)
    start = network.norm(x)
    normed = block.sublayer[0].norm(start)
    heads = []
    for head in range(2):
        part = slice(4 * head, 4 * head + 4)
        q, k, v = (
            (layer(normed)[0])[:, part]
            for layer in (block.attn.q_linear, block.attn.k_linear, block.attn.v_linear)
        )
        heads.append((q @ k.T / 2).softmax(dim=1) @ v)
    middle = start + block.attn.out(torch.cat(heads, dim=1))
    feed = block.feed_forward
    expected = middle + feed.w_2(feed.w_1(block.sublayer[1].norm(middle)).relu())
    torch.testing.assert_close(network(x), expected)


def test_later_tokens_see_what_came_before_and_earlier_ones_do_not_see_them() -> None:
    mask = look_back(2, 3, torch.device("cpu"))
    expected = [[1, 1, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 1, 0], [1, 1, 1, 1, 1]]
    assert mask.int().tolist() == expected


def test_a_masked_token_has_no_influence() -> None:
    network, x = transformer(), torch.randn(1, 5, 8)
    mask = look_back(2, 3, torch.device("cpu"))
    changed = x.clone()
    changed[:, 3:] = 7
    first, second = network(x, mask), network(changed, mask)
    torch.testing.assert_close(first[:, :3], second[:, :3])
    assert not torch.allclose(first[:, 3:], second[:, 3:])


def test_continuing_a_past_equals_seeing_it_all_at_once() -> None:
    network, x = transformer(3), torch.randn(2, 7, 8)
    together = network(x, look_back(4, 3, torch.device("cpu")))
    torch.testing.assert_close(network.after(network.inputs(x[:, :4]), x[:, 4:]), together[:, 4:])
