"""Words in a teacher's space: the text towers of CLIP, SigLIP 2 and X-CLIP, for prompts such as "a horse trotting".

X-CLIP conditions its prompts on the film; here they are taken as they are, so that cached features are all one needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from jaxtyping import Float32
from numpy import ndarray as Array

from ...data.errors import BadInput, first_line
from .checkpoint import quiet_transformers
from .family import Family
from .image_families import IMAGE_FAMILIES
from .settings import TeacherSettings, pooling_of
from .snapshot import snapshot_folder
from .video_families import VIDEO_FAMILIES

VOCABULARIES = ("tokenizer.json", "vocab.json", "spiece.model")
"""Files one of which holds a tokenizer's words: without any the library makes an empty tokenizer, and says nothing."""

WORDS: dict[str, Family] = {name: f for name, f in (IMAGE_FAMILIES | VIDEO_FAMILIES).items() if f.words}
"""Teachers that have a text tower."""

EXAMPLES = ("a horse walking", "a horse trotting")
"""What a refusal shows of each option."""


@dataclass(frozen=True)
class Words:
    """Prompts in the space of a teacher's features of film."""

    vectors: Float32[Array, "prompts dim"] = field(repr=False)
    """Their unit vectors."""
    scale: float
    """The network's own factor of cosines before a softmax."""
    first: int
    """Where in a film feature the numbers begin that these vectors compare with; there are `dim` of them."""


def embed_words(
    settings: TeacherSettings, prompts: Sequence[str], *, options: Sequence[str] = ("--prompt", "--prompt")
) -> Words:
    """The prompts by the teacher's own text tower; refuses teachers without one, and features without a mean.

    All prompts differ and none is empty; `options` are what the first ones were given by, and all of these are needed.
    """
    import torch

    family = WORDS.get(settings.name)
    if family is None:
        remedy = "Extract with one of these, and name it with teacher.name."
        raise BadInput("teacher.name", found=settings.name, expected=f"one of {', '.join(WORDS)}", remedy=remedy)
    _check_prompts(prompts, options=options)
    place = _place_of_mean(settings)
    network: Any = family.load(settings).eval()
    with torch.inference_mode():
        found = network.get_text_features(**_tokens(settings, prompts, network=network)).pooler_output.float()
        unit = torch.nn.functional.normalize(found, dim=1).numpy()
        scale = float(network.logit_scale.exp())
    return Words(unit, scale=scale, first=place * unit.shape[1])


def _check_prompts(prompts: Sequence[str], *, options: Sequence[str]) -> None:
    different = len(set(filter(None, prompts)))
    if different < max(len(options), len(prompts)):
        expected = "two or more" if len(options) > 1 else "one"
        written = (f'{option} "{text}"' for option, text in zip(options, EXAMPLES, strict=False))
        where = " and ".join(dict.fromkeys(options))
        raise BadInput(
            where, found=f"{different} different texts", expected=expected, remedy=f"Write {' '.join(written)}."
        )


def _place_of_mean(settings: TeacherSettings) -> int:
    """Which part of a film feature is the mean over frames, the part that shares its space with words."""
    pooling = pooling_of(settings) if settings.name in IMAGE_FAMILIES else ("mean",)
    if "mean" not in pooling:
        found, remedy = f"teacher.temporal_pooling {list(pooling)}", "Extract again with the mean among them."
        raise BadInput("recipe", found=found, expected="mean among them", remedy=remedy)
    return pooling.index("mean")


def _tokens(settings: TeacherSettings, prompts: Sequence[str], *, network: Any) -> Any:
    """What the text tower takes. SigLIP was trained on texts padded to full length, the others with a mask."""
    from transformers import AutoTokenizer

    folder = snapshot_folder(settings)
    if not any((folder / name).is_file() for name in VOCABULARIES):
        found, expected = f"no {', no '.join(VOCABULARIES)}", "the checkpoint's tokenizer"
        raise BadInput(folder, found=found, expected=expected, remedy="Put the tokenizer's files into the folder.")
    try:
        with quiet_transformers():
            tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError, ImportError) as error:
        found = f"a tokenizer that cannot be read ({first_line(error)})"
        raise BadInput(folder, found=found, expected="a tokenizer", remedy="Download its files again.") from None
    longest = network.config.text_config.max_position_embeddings
    padding = "max_length" if settings.name == "siglip" else True
    tokens = tokenizer(list(prompts), padding=padding, max_length=longest, truncation=True, return_tensors="pt")
    wanted = ("input_ids",) if settings.name == "siglip" else ("input_ids", "attention_mask")
    return {name: tokens[name] for name in wanted}
