"""The languages of figures: Korean words, and an installed font that has Hangul."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import Any, Literal

from matplotlib.font_manager import FontEntry, findSystemFonts, fontManager, get_font

from lenet.errors import LenetError

Language = Literal["en", "ko"]

LATIN = "DejaVu Sans"  # comes with matplotlib
# Sans serifs of Linux, Windows and macOS; any other font with Hangul comes after them.
PREFERRED = (
    *("Noto Sans CJK KR", "Noto Sans CJK JP", "Noto Sans KR", "Malgun Gothic"),
    *("Apple SD Gothic Neo", "NanumGothic"),
)


def translate(language: Language, words: str, **values: Any) -> str:
    """The words in this language, with the values filled in."""
    return (KOREAN[words] if language == "ko" else words).format(**values)


def families(language: Language) -> list[str]:
    """The font families to draw with, each for what those before it lack.

    Raises
    ------
    LenetError
        when no installed font has Hangul.
    """
    return [LATIN] if language == "en" else [hangul_font(), LATIN]


@cache
def hangul_font() -> str:
    """The family of an installed font with Hangul, a regular sans serif if there is one."""
    listed = {font.fname for font in fontManager.ttflist}  # may be older than a font
    for path in set(findSystemFonts()) - listed:
        with suppress(OSError, RuntimeError):
            fontManager.addfont(path)
    for font in sorted(fontManager.ttflist, key=_rank):
        if _has_hangul(font.fname):
            return font.name
    raise LenetError(
        "figures in Korean need a font with Hangul, and none is installed; install one, such as "
        "Noto Sans CJK (Debian and Ubuntu: apt install fonts-noto-cjk)"
    )


def _rank(font: FontEntry) -> tuple[int, bool]:
    preferred = font.name in PREFERRED
    return PREFERRED.index(font.name) if preferred else len(PREFERRED), font.weight != 400


def _has_hangul(path: str) -> bool:
    """Whether two syllables have glyphs of their own; "Last Resort" draws one box for all."""
    try:
        font = get_font(path)
    except (OSError, RuntimeError):  # listed by matplotlib, but gone or broken
        return False
    one, other = (font.get_char_index(ord(syllable)) for syllable in "한글")
    return 0 != one != other != 0


KOREAN = {
    # Layers and what their units read
    "input": "입력",
    "output": "출력",
    "{size}, {count:,} parameters": "{size}, 매개변수 {count:,}개",
    "{size}, no parameters": "{size}, 매개변수 없음",
    "the 28×28 image on a 32×32 plane; paper is −0.1, full ink 1.175": (
        "32×32 평면에 놓은 28×28 이미지. 종이는 −0.1, 잉크는 1.175"
    ),
    "5×5 of the input, one kernel a map": "입력의 5×5, 맵마다 커널 하나",
    "2×2 of one C1 map: sum × coefficient + bias, squashed": (
        "C1 맵 하나의 2×2: 합 × 계수 + 편향, 활성 함수"
    ),
    "2×2 of one C1 map: their mean": "C1 맵 하나의 2×2: 평균",
    "2×2 of one C1 map: the largest": "C1 맵 하나의 2×2: 최댓값",
    "2×2 of one C3 map: sum × coefficient + bias, squashed": (
        "C3 맵 하나의 2×2: 합 × 계수 + 편향, 활성 함수"
    ),
    "2×2 of one C3 map: their mean": "C3 맵 하나의 2×2: 평균",
    "2×2 of one C3 map: the largest": "C3 맵 하나의 2×2: 최댓값",
    "5×5 of the S2 maps marked below (Table I)": "아래에 표시한 S2 맵의 5×5(표 I)",
    "5×5 of all six S2 maps": "S2 맵 여섯 장 모두의 5×5",
    "5×5 of all sixteen S4 maps": "S4 맵 열여섯 장 모두의 5×5",
    "all of C5": "C5 전체",
    "ten penalties, the lowest wins": "벌점 열 개, 가장 작은 것이 이깁니다",
    "ten penalties, minus the scores; the lowest wins": (
        "벌점 열 개(점수의 부호를 바꾼 것), 가장 작은 것이 이깁니다"
    ),
    # The stages of a digit
    "drawn as 7×12": "7×12로 그림",
    "is the answer": "읽은 답",
    "confidence {percent:.1f} %": "확신도 {percent:.1f} %",
    "then {digit}, {percent:.1f} %": "다음은 {digit}, {percent:.1f} %",
    (
        "Each square is a unit, drawn at\none size in every row: maps shrink\nas units see larger "
        "parts. Dark is\nhigh, light is low, on the row's scale."
    ): (
        "네모 하나가 유닛 하나이고 크기는 모두\n같습니다. 유닛이 보는 부분이 커질수록\n맵은 "
        "작아집니다. 줄마다의 눈금에서\n어두우면 높은 값, 밝으면 낮은 값입니다."
    ),
    # F6 and the codes
    "its 84 values as a 7×12 drawing, and the ten codes": (
        "유닛 84개의 값을 7×12로 그린 것과 코드 열 개"
    ),
    "squared\ndifferences": "차의 제곱",
    "penalty: sum": "벌점: 합",
    "confidence": "확신도",
    # Kernels
    "six kernels of 5×5, each above its bias": "5×5 커널 여섯 개, 아래는 편향",
    "it pools 2×2": "2×2를 하나로 합칩니다",
    "the coefficient of each map's sums, above its bias": "맵마다 합에 곱하는 계수, 아래는 편향",
    "a column a C3 map above its bias, a line an S2 map that it reads": (
        "열은 C3 맵(아래는 편향), 행은 그 맵이 읽는 S2 맵"
    ),
    "root mean square of each unit's (column) kernel on each S4 map (line)": (
        "유닛(열)마다 S4 맵(행)에 대한 커널의 제곱평균제곱근"
    ),
    "the weights of each of the 120 C5 units, as 7×12": "C5 유닛 120개마다의 가중치를 7×12로",
    "the weights of each digit, 0 to 9, on F6, as 7×12": "숫자 0–9마다 F6에 대한 가중치를 7×12로",
    # A receptive field and a sum
    "{layer} map {map}, row {row}, column {column}": "{layer} 맵 {map}, {row}행 {column}열",
    "{layer} unit {map}": "{layer} 유닛 {map}",
    "is {value} for this digit": "이 숫자에서 값은 {value}입니다",
    "sees {size} of the input: {rows}, {columns}": "입력의 {size}를 봅니다: {rows}, {columns}",
    "rows {first} to {last}": "{first}–{last}행",
    "columns {first} to {last}": "{first}–{last}열",
    "depends on what is framed, and on nothing that is faded": (
        "테두리 안에만 의존하고, 흐린 것에는 의존하지 않습니다"
    ),
    "sum": "합",
    "of {count} terms, each weight × {source} value": "항 {count}개, 항마다 가중치 × {source}의 값",
    "violet is above 0, orange below": "보라색은 0보다 큰 값, 주황색은 작은 값",
    "of {count} terms, each ({source} value − code)²": (
        "항 {count}개, 항마다 ({source}의 값 − 코드)²"
    ),
    "dark is far": "어두울수록 다릅니다",
    "values": "값",
    "weights": "가중치",
    "products": "곱",
    "code": "코드",
    "squared differences": "차의 제곱",
    "sum {value}": "합 {value}",
    "{line} + bias {bias} = {total}": "{line} + 편향 {bias} = {total}",
    "{line}, squashed to {value}": "{line}, 활성 함수를 지나 {value}",
    # Occlusion and perturbations
    "why {digit}": "왜 {digit}일까요?",
    "and not {digit}, the next best": "다음 후보: {digit}",
    "the input": "입력",
    "occlusion: margin lost\nby covering 5×5 pixels": "가림: 5×5 픽셀을 가리면\n줄어드는 차이",
    "saliency: margin\ngained by more ink": "중요도: 잉크를 더하면\n늘어나는 차이",
    "margin: the next best penalty minus that of {digit}": (
        "차이: 그다음 벌점에서 {digit}의 벌점을 뺀 값"
    ),
    "perturbations": "변화",
    "one map of each layer; below it, its layer's distance": (
        "층마다 맵 하나. 아래는 그 층이 원본에서 달라진 정도로,"
    ),
    "from the original, where 100 % is the distance of bare paper": (
        "빈 종이와의 차이를 100 %로 봅니다"
    ),
    "{layer} map {map}": "{layer} 맵 {map}",
    "original": "원본",
    "shifted right\nby 1 pixel": "오른쪽으로\n1픽셀 이동",
    "shifted right\nby 4 pixels": "오른쪽으로\n4픽셀 이동",
    "rotated by 15°": "15° 회전",
    "rotated by 40°": "40° 회전",
    "thicker\nby 2 pixels": "2픽셀\n굵게",
    "10 % of the\npixels inverted": "픽셀 10 %\n반전",
    # The architecture and Table I
    **{size: size for size in ("2×2", "5×5")},
    "convolution": "합성곱",
    "sub-sampling": "서브샘플링",
    "averaging": "평균 풀링",
    "max pooling": "최댓값 풀링",
    "connection": "연결",
    "full": "완전",
    "Gaussian": "가우스",
    "computed by": "계산",
    "sees": "보는 범위",
    "biases": "편향",
    "parameters": "매개변수",
    "connections": "연결 수",
    "{parameters:,} parameters, {connections:,} connections": (
        "매개변수 {parameters:,}개, 연결 {connections:,}개"
    ),
    "The 84 × 10 numbers of the output's codes are fixed.": (
        "출력이 비교하는 코드의 수 84 × 10개는 고정되어 있습니다."
    ),
    "the S2 maps that each C3 map reads: {pairs} of {all} pairs, {count:,} parameters": (
        "C3 맵마다 읽는 S2 맵: {all}쌍 가운데 {pairs}쌍, 매개변수 {count:,}개"
    ),
    "three neighbours": "이웃한 셋",
    "four neighbours": "이웃한 넷",
    "four, apart": "떨어진 넷",
    "all": "전부",
    # Mistakes
    "answer": "답",
    "digit": "숫자",
    "{missed:,} of {total:,} digits wrong, {rate:.2f} %": (
        "숫자 {total:,}개 가운데 {missed:,}개 오류, {rate:.2f} %"
    ),
    "mistakes": "오류",
    "{count:,} digits: digit → answer, confidence": "숫자 {count:,}개: 숫자 → 답, 확신도",
    "{count:,} digits, the {most} most confident: digit → answer, confidence": (
        "숫자 {count:,}개 가운데 확신도가 높은 {most}개: 숫자 → 답, 확신도"
    ),
}
