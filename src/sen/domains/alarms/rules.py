"""Alarms in words, and who is suspected: no ORM, no clock."""

from __future__ import annotations

from typing import Final

from sen.domains.alarms.choices import TRANSITIONS, Act, Concern, RuleKind, State
from sen.lib.errors import gettext_noop

#: More alarms of one work within a minute are a storm: one notice for all of them.
FLOOD: Final = 5
FLOOD_S: Final = 60
#: Alarms of one work closer than this belong together.
GROUP_S: Final = 600
#: A rule that fires so often on a stream within a day chatters.
CHATTER: Final = 5
#: An alarm that was acknowledged and whose condition went is closed by itself after so long.
AUTO_CLOSE_S: Final = 86_400
LONGEST_SHELVING_S: Final = 30 * 86_400

#: What each kind says of itself; the holes are filled with numbers as people read them.
TEXTS: Final = {
    RuleKind.THRESHOLD: gettext_noop("Giá trị %(value)s vượt ngưỡng %(level)s."),
    RuleKind.RATE: gettext_noop("Tốc độ thay đổi %(value)s vượt mức cho phép %(level)s."),
    RuleKind.PATTERN: gettext_noop(
        "Giá trị lệch %(value)s so với nếp thường ngày đã trừ ảnh hưởng nhiệt độ, vượt %(level)s."
    ),
    RuleKind.RELATION: gettext_noop(
        "Giá trị lệch %(value)s so với giá trị suy từ các kênh liên quan, vượt %(level)s."
    ),
    RuleKind.DRIFT: gettext_noop(
        "Giá trị trung bình đã dời khỏi nền; chỉ số tích lũy %(value)s vượt %(level)s."
    ),
    RuleKind.MISSING: gettext_noop("Không nhận được số liệu trong %(value)s giây."),
    RuleKind.FLAT: gettext_noop("Số liệu đứng yên trong %(value)s giây."),
    RuleKind.SPIKE: gettext_noop("Số liệu nhảy %(value)s rồi trở lại ngay, vượt %(level)s."),
    RuleKind.RANGE: gettext_noop("Số liệu nằm ngoài dải đo của thiết bị hoặc bị đánh dấu hỏng."),
    RuleKind.COMPOUND: gettext_noop("Các quy tắc thành phần cùng thỏa mãn trên công trình."),
    RuleKind.CHANGE: gettext_noop(
        "Mức trung bình đã đổi lâu dài %(value)s kể từ thời điểm nêu trên, vượt %(level)s."
    ),
    RuleKind.NEIGHBOUR: gettext_noop(
        "Tương quan với kênh bên cạnh giảm %(value)s so với trước, vượt %(level)s:"
        " nghi ngờ cảm biến."
    ),
}


def next_state(state: State, act: Act) -> State | None:
    """Where an act leads; None when it cannot be done in this state."""
    return TRANSITIONS.get((state, act))


def suspected(concern: Concern, *, is_sensor_faulty: bool) -> Concern:
    """What to look at first: a structure's alarm from a faulty instrument points at it."""
    return Concern.SENSOR if concern is Concern.STRUCTURE and is_sensor_faulty else concern
