"""The miniature world: scenes, portraits and styles that are rendered, so their truth is known exactly."""

from finetune.miniature.aspects import ASPECTS as ASPECTS
from finetune.miniature.aspects import COMPOSITES as COMPOSITES
from finetune.miniature.aspects import apply_aspect as apply_aspect
from finetune.miniature.captions import PLAIN_TEMPLATE as PLAIN_TEMPLATE
from finetune.miniature.captions import caption as caption
from finetune.miniature.render import SIZE as SIZE
from finetune.miniature.render import render as render
from finetune.miniature.scenes import Scene as Scene
from finetune.miniature.scenes import sample_scenes as sample_scenes
