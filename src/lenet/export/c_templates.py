"""What differs in C from one network to another; c/ holds what all have."""

from __future__ import annotations

from pathlib import Path

from lenet.export.folded import Step

FOLDER = Path(__file__).parent / "c"

SQUASHES = {
    "tanh": "return lenet_tanh(a);",
    "relu": "return a > 0.0f ? a : 0.0f;",
    "silu": "return a < -15.8f ? 0.0f : a * (0.5f + 0.5f * lenet_tanh(0.5f * a));",
}
# What becomes of a total, by the layer's name, else its kind.
FLOAT_DONE = {
    "": "lenet_squash(total + lenet_{0}_bias[map])",
    "subsampling": "lenet_squash(total * lenet_{0}_weight[map] + lenet_{0}_bias[map])",
}
INT8_DONE = {
    "": "lenet_byte(total, lenet_{0}_multiplier[map], lenet_{0}_offset[map], lenet_{0}_table)",
    "f6": "lenet_squash((float)total * lenet_{0}_scale[map] + lenet_{0}_bias[map])",
}
# Of four units; the same for floats and bytes, but the average, which is rounded of bytes.
SAMPLED = {
    "subsampling": "return lenet_{0}_done((lenet_total)a + b + c + d, map);",
    "max": "const lenet_unit above = a > b ? a : b, below = c > d ? c : d;\n"
    "    (void)map;\n    return above > below ? above : below;",
    "average": "(void)map;\n    return (lenet_unit)({1});",
}
AVERAGE = {False: "0.25f * (a + b + c + d)", True: "(a + b + c + d + 2) >> 2"}


def c_template(name: str) -> str:
    """A file of c/, with an empty line after it."""
    return (FOLDER / f"{name}.h").read_text(encoding="utf-8") + "\n"


def types(*, int8: bool, memory: int) -> str:
    """The types of weights, totals and units, and the working memory of this many bytes."""
    weight, total, unit = ("int8_t", "int32_t", "uint8_t") if int8 else ("float",) * 3
    return f"""\
typedef {weight} lenet_weight; /* what weights are kept in */
typedef {total} lenet_total; /* what products are added in */
typedef {unit} lenet_unit; /* what S2, S4 and C5 hold */

typedef struct {{
    lenet_unit s2[1176]; /* 6 maps of 14x14 */
    lenet_unit s4[400];  /* 16 maps of 5x5 */
    lenet_unit c5[120];
    float f6[84]; /* a drawing of 7x12 */
}} lenet_memory;  /* {memory:,} bytes */

"""


def squash(name: str) -> str:
    """The squashing function, with tanh where it needs it."""
    function = f"static inline float lenet_squash(float a) {{\n    {SQUASHES[name]}\n}}\n\n"
    return function if name == "relu" else c_template("tanh") + function


def layer(step: Step, *, int8: bool) -> str:
    """What becomes of a layer's totals, and for S2 and S4 how four units become one."""
    sampling = step.name in ("s2", "s4")
    written = ""
    if not sampling or step.kind == "subsampling":
        texts = INT8_DONE if int8 else FLOAT_DONE
        done = (texts.get(step.name) or texts.get(step.kind) or texts[""]).format(step.name)
        unit = "float" if step.name == "f6" else "lenet_unit"
        head = f"static inline {unit} lenet_{step.name}_done(lenet_total total, int map)"
        written = f"{head} {{\n    return {done};\n}}\n\n"
    if sampling:
        body = SAMPLED[step.kind].format(step.name, AVERAGE[int8])
        head = f"static inline lenet_unit lenet_{step.name}("
        units = "lenet_unit a, lenet_unit b, lenet_unit c, lenet_unit d, int map"
        written += f"{head}{units}) {{\n    {body}\n}}\n\n"
    return written


def output(step: Step) -> str:
    """A digit's penalty: minus its score, or the squared distance of F6 to its code."""
    if step.kind == "codes":
        start = "0.0f"
        add = (
            f"const float off = {step.scale!r}f * f6[i] - lenet_output_codes[84 * digit + i];\n"
            "        total += off * off;"
        )
    else:
        start = "lenet_output_bias[digit]"
        add = "total += lenet_output_weight[84 * digit + i] * f6[i];"
    return f"""\
static inline float lenet_penalty(const float f6[84], int digit) {{
    float total = {start};
    int i;
    for (i = 0; i < 84; i++) {{
        {add}
    }}
    return total;
}}

"""
