"""Rules for the instrumented bridges, who is on duty, what to do, and what happened lately."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from sen.demo.load.foundation import Ground
from sen.domains.alarms import api as alarms
from sen.domains.alarms.data import Finding
from sen.domains.assets import api as assets
from sen.domains.incidents import api as incidents
from sen.domains.telemetry import api as telemetry
from sen.kernel.access.models import User
from sen.kernel.access.scope import Actor

PLAYBOOKS: Final = (
    (
        "KB-CAU-01",
        "Nghi ngờ hư hỏng kết cấu cầu",
        "STRUCTURE",
        (
            "Xem lại số liệu, loại trừ hỏng thiết bị đo | Trực ban trung tâm điều hành | 10\n"
            "Cử tổ tuần đường đến hiện trường | Đơn vị quản lý đường | 30\n"
            "Hạn chế hoặc cấm xe qua cầu khi cần | Sở Xây dựng | 45\n"
            "Kiểm tra dầm, gối, trụ; chụp ảnh | Tổ kiểm tra cầu | 180\n"
            "Báo cáo kết quả và đề xuất xử lý | Phòng quản lý hạ tầng | 1440"
        ),
    ),
    (
        "KB-NUOC-01",
        "Mực nước cao, xói trụ",
        "FLOOD",
        (
            "Theo dõi mực nước 15 phút một lần | Trực ban trung tâm điều hành | 15\n"
            "Kiểm tra chân khay, mố, trụ | Đơn vị quản lý đường | 120\n"
            "Cắm biển cảnh báo, phân luồng | Công an, đơn vị quản lý đường | 60\n"
            "Báo cáo sau khi nước rút | Phòng quản lý hạ tầng | 2880"
        ),
    ),
    (
        "KB-TBI-01",
        "Thiết bị đo hỏng, mất liên lạc",
        "DEVICE",
        (
            "Kiểm tra nguồn điện, đường truyền từ xa | Trực ban trung tâm điều hành | 60\n"
            "Cử người kiểm tra tại chỗ | Đơn vị vận hành quan trắc | 1440\n"
            "Hiệu chuẩn hoặc thay thế, ghi sổ thiết bị | Đơn vị vận hành quan trắc | 4320"
        ),
    ),
)
_CHECK_SENSOR: Final = "Kiểm tra nguồn, dây và đường truyền; so với cảm biến bên cạnh."
#: Code, name, observed property, kind, concern, definition, cause, advice, playbook.
RULES: Final = (
    (
        "CAU-VONG",
        "Độ võng vượt ngưỡng",
        "do_vong",
        "THRESHOLD",
        "STRUCTURE",
        {
            "levels": [
                {"severity": 2, "raise": 25, "clear": 22},
                {"severity": 3, "raise": 35, "clear": 31},
                {"severity": 4, "raise": 45, "clear": 40},
            ],
            "clear_for_s": 600,
        },
        "Xe quá tải hoặc đoàn xe nặng; suy giảm độ cứng của dầm; hỏng gối cầu.",
        "Đối chiếu tải trọng xe cùng lúc; xem độ võng có trở về không khi hết xe.",
        "KB-CAU-01",
    ),
    (
        "CAU-NUT",
        "Vết nứt mở rộng",
        "be_rong_vet_nut",
        "THRESHOLD",
        "STRUCTURE",
        {
            "levels": [
                {"severity": 2, "raise": 0.6, "clear": 0.55},
                {"severity": 3, "raise": 1.0, "clear": 0.9},
            ],
            "for_s": 1800,
        },
        "Quá tải, co ngót, lún lệch hoặc cốt thép bị ăn mòn.",
        "Đo lại bằng thước khe nứt tại chỗ, đánh dấu hai đầu vết nứt.",
        "KB-CAU-01",
    ),
    (
        "CAU-NGHIENG",
        "Trụ, mố nghiêng dần",
        "do_nghieng",
        "DRIFT",
        "STRUCTURE",
        {
            "direction": "BOTH",
            "levels": [{"severity": 2, "raise": 400, "clear": 50}],
            "warmup": 300,
            "slack": 1.5,
        },
        "Xói chân trụ, lún lệch, va tàu.",
        "Đo thủy chuẩn, đo nghiêng; kiểm tra xói.",
        "KB-CAU-01",
    ),
    (
        "CAU-TAI",
        "Tải trọng xe trên cầu vượt mức",
        "tai_trong_xe",
        "THRESHOLD",
        "TRAFFIC",
        {
            "levels": [
                {"severity": 2, "raise": 60, "clear": 50},
                {"severity": 3, "raise": 80, "clear": 65},
            ],
            "clear_for_s": 300,
        },
        "Xe quá tải hoặc nhiều xe nặng dừng trên nhịp.",
        "Xem hình ảnh cùng lúc; báo lực lượng kiểm soát tải trọng.",
        "KB-CAU-01",
    ),
    (
        "NUOC-CAO",
        "Mực nước cao",
        "muc_nuoc",
        "THRESHOLD",
        "ENVIRONMENT",
        {
            "levels": [
                {"severity": 1, "raise": 2.4, "clear": 2.2},
                {"severity": 2, "raise": 2.8, "clear": 2.6},
                {"severity": 3, "raise": 3.3, "clear": 3.0},
            ],
            "clear_for_s": 3600,
        },
        "Triều cường, lũ đầu nguồn, mưa lớn.",
        "Xem dự báo thủy văn; kiểm tra đường thấp và chân cầu.",
        "KB-NUOC-01",
    ),
    (
        "MUA-LON",
        "Mưa rất to",
        "mua",
        "THRESHOLD",
        "ENVIRONMENT",
        {"levels": [{"severity": 1, "raise": 50, "clear": 30}], "clear_for_s": 1800},
        "Dông, mưa lớn cục bộ.",
        "Theo dõi điểm ngập trên tuyến.",
        "KB-NUOC-01",
    ),
    (
        "VONG-DUNG",
        "Cảm biến độ võng đứng yên",
        "do_vong",
        "FLAT",
        "SENSOR",
        {"levels": [{"severity": 1, "raise": 21_600, "clear": 1}], "epsilon": 0.0},
        "Cảm biến kẹt, đứt dây hoặc bộ ghi gửi lại giá trị cũ.",
        _CHECK_SENSOR,
        "KB-TBI-01",
    ),
    (
        "VONG-DAI",
        "Độ võng ngoài dải đo",
        "do_vong",
        "RANGE",
        "SENSOR",
        {"levels": [{"severity": 1}]},
        "Cảm biến hỏng hoặc khai báo sai đơn vị.",
        _CHECK_SENSOR,
        "KB-TBI-01",
    ),
    (
        "VONG-XUNG",
        "Xung bất thường trên kênh độ võng",
        "do_vong",
        "SPIKE",
        "SENSOR",
        {"levels": [{"severity": 1, "raise": 60, "clear": 30}], "clear_for_s": 3600},
        "Nhiễu điện, sét lan truyền.",
        _CHECK_SENSOR,
        "KB-TBI-01",
    ),
    (
        "VONG-MAT",
        "Mất số liệu độ võng",
        "do_vong",
        "MISSING",
        "SENSOR",
        {"levels": [{"severity": 1, "raise": 10_800}, {"severity": 2, "raise": 86_400}]},
        "Mất điện, mất mạng hoặc thiết bị hỏng.",
        _CHECK_SENSOR,
        "KB-TBI-01",
    ),
)
#: Title, kind, severity, source, hours ago, how many steps were taken since.
REPORTED: Final = (
    ("Xe tải va lan can cầu", "TRAFFIC", 2, "CALL", 96, 3),
    ("Sạt lở taluy đầu cầu sau mưa", "LANDSLIDE", 3, "PATROL", 26, 2),
    ("Sà lan va trụ chống va", "VESSEL", 3, "CALL", 5, 1),
    ("Ổ gà sâu ngay khe co giãn", "STRUCTURE", 1, "REPORT", 1, 0),
)
_BASIS: Final = "Giá trị minh họa; cần xác minh với hồ sơ thiết kế"


def load_rules(actor: Actor, ground: Ground) -> int:
    """Playbooks and rules in force; returns how many."""
    place: dict[str, Any] = {"owner_org": ground.org("SXD"), "area": ground.province}
    for code, name, kind, steps in PLAYBOOKS:
        incidents.create_playbook(
            actor=actor, code=code, name=name, kind=kind, steps=steps, is_demo=True, **place
        )
    streams = telemetry.Datastream.objects.visible_to(actor).exclude(observed_property=None)
    rows = streams.select_related("observed_property").order_by("observed_property_id")
    known = {
        row.observed_property.code: row.observed_property
        for row in rows.distinct("observed_property_id")
        if row.observed_property is not None
    }
    count = 0
    for code, name, observed, kind, concern, definition, cause, advice, playbook in RULES:
        if observed not in known:
            continue
        row = alarms.create_rule(
            actor=actor,
            is_demo=True,
            code=code,
            name=name,
            kind=kind,
            concern=concern,
            observed_property=known[observed],
            definition=definition,
            cause=cause,
            advice=advice,
            playbook_code=playbook,
            basis=_BASIS,
            **place,
        )
        alarms.enforce_rule(actor=actor, row=row)
        count += 1
    return count + len(PLAYBOOKS)


def load_watch(actor: Actor, ground: Ground) -> int:
    """Who is on duty, and what happened lately."""
    return _load_duty(actor, ground) + _load_happened(actor) + _load_reported(actor, ground)


def _load_duty(actor: Actor, ground: Ground) -> int:
    """The watch of the operations centre for four weeks, and who is told after it."""
    place: dict[str, Any] = {"owner_org": ground.org("SXD"), "area": ground.province}
    roster = alarms.create_roster(
        actor=actor, code="TRUC-IOC", name="Trực ban trung tâm điều hành", is_demo=True, **place
    )
    people = {user.username: user for user in User.objects.filter(username__in=("ioc", "hatang"))}
    boss = User.objects.filter(username="giamdoc").first()
    start = timezone.localtime().replace(hour=6, minute=0, second=0, microsecond=0)
    start -= timedelta(days=7)
    count = 0
    for number in range(2 * 35):
        person = people.get("ioc" if number % 4 < 3 else "hatang")
        if person is None:
            continue
        begin = start + timedelta(hours=12 * number)
        alarms.create_shift(
            actor=actor,
            roster=roster,
            person=person,
            begin_at=begin,
            end_at=begin + timedelta(hours=12),
            is_demo=True,
        )
        count += 1
    for number, (after_s, person) in enumerate(((600, people.get("hatang")), (1_800, boss)), 1):
        alarms.create_step(
            actor=actor,
            roster=roster,
            number=number,
            after_s=after_s,
            min_severity=2,
            person=person,
            is_demo=True,
        )
        count += 1
    return count


def _load_happened(actor: Actor) -> int:
    """A few alarms of the last days, one of them with an incident."""
    rows = telemetry.Datastream.objects.visible_to(actor)
    now = timezone.now()
    made = 0
    for observed, code, hours, value, severity, ends in (
        ("do_vong", "CAU-VONG", 50, 37.4, 3, True),
        ("muc_nuoc", "NUOC-CAO", 20, 2.9, 2, True),
        ("tai_trong_xe", "CAU-TAI", 3, 71.0, 2, False),
        ("be_rong_vet_nut", "CAU-NUT", 2, 1.1, 3, False),
    ):
        stream = rows.filter(observed_property__code=observed).order_by("id").first()
        rule = alarms.Rule.objects.visible_to(actor).filter(code=code).first()
        if stream is None or rule is None:
            continue
        began = now - timedelta(hours=hours)
        finding = Finding(
            rule_id=rule.pk,
            datastream_id=stream.pk,
            asset_id=None,
            at=began,
            before=0,
            after=severity,
            signal=value,
            value=value,
            peak=value,
        )
        row = alarms.note_finding(actor=actor, finding=finding)
        if row is None:
            continue
        made += 1
        found = alarms.Alarm.objects.visible_to(actor).filter(pk=row.pk)
        found.update(raised_at=began + timedelta(seconds=2))
        row = found.select_related("rule").get()
        if ends:
            over = Finding(
                rule_id=rule.pk,
                datastream_id=stream.pk,
                asset_id=None,
                at=began + timedelta(minutes=40),
                before=severity,
                after=0,
                signal=0.0,
                value=0.0,
                peak=value,
            )
            alarms.note_finding(actor=actor, finding=over)
        elif code == "CAU-TAI":
            incidents.open_from_alarm(actor=actor, alarm=row)
            made += 1
    return made


def _load_reported(actor: Actor, ground: Ground) -> int:
    """What people reported at bridges, each in another state; returns how many."""
    bridges = assets.assets(actor).filter(type="bridge").exclude(chainage_m=None).order_by("id")
    for (title, kind, severity, source, hours, steps), bridge in zip(
        REPORTED, bridges[40 : 40 + 25 * len(REPORTED) : 25], strict=False
    ):
        started = timezone.now() - timedelta(hours=hours)
        row = incidents.report_incident(
            actor=actor,
            is_demo=True,
            title=title,
            kind=kind,
            severity=severity,
            source=source,
            asset=bridge,
            started_at=started,
            owner_org=ground.org("SXD"),
        )
        for act in (incidents.start_incident, incidents.contain_incident)[:steps]:
            row = act(actor=actor, row=row)
        if steps > 2:
            row = incidents.close_incident(
                actor=actor,
                row=row,
                cause="Xe tải lùi va vào lan can",
                result="Đã dựng rào chắn, thay hai đốt lan can, thông xe hai chiều",
                damage="Hai đốt lan can",
            )
            past = incidents.Incident.objects.visible_to(actor).filter(pk=row.pk)
            past.update(
                contained_at=started + timedelta(hours=2), closed_at=started + timedelta(hours=30)
            )
    return len(REPORTED)
