"""Kinds of rules, how sure the house is of them, and the stages of their changes."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from sen.lib.errors import gettext_noop


class Topic(StrEnum):
    LOADS = "LOADS"
    SPEED = "SPEED"
    CORRIDORS = "CORRIDORS"
    ROADS = "ROADS"
    ASSETS = "ASSETS"
    CALENDAR = "CALENDAR"
    DEADLINES = "DEADLINES"
    FINES = "FINES"
    FORMATS = "FORMATS"
    PLANNING = "PLANNING"


class Verification(StrEnum):
    """``UNVERIFIED`` rules work, but every page that uses one says «cần xác minh»."""

    VERIFIED = "VERIFIED"
    SECONDARY = "SECONDARY"
    UNVERIFIED = "UNVERIFIED"


class DraftAct(StrEnum):
    """What a draft does to the rules of a document."""

    AMEND = "AMEND"
    REPLACE = "REPLACE"
    CORRECT = "CORRECT"


class DraftStatus(StrEnum):
    EDITING = "EDITING"
    REVIEW = "REVIEW"
    PUBLISHED = "PUBLISHED"
    WITHDRAWN = "WITHDRAWN"
    REVOKED = "REVOKED"


#: What the criteria of the shipped rules are called on screens.
CRITERIA: Final = {
    "asset": gettext_noop("Tài sản"),
    "axle_group": gettext_noop("Cụm trục"),
    "axles": gettext_noop("Số trục"),
    "bound": gettext_noop("Cận"),
    "container": gettext_noop("Chở container"),
    "design_load": gettext_noop("Tải trọng thiết kế"),
    "divided": gettext_noop("Có dải phân cách"),
    "group": gettext_noop("Nhóm"),
    "iri": gettext_noop("IRI"),
    "kind": gettext_noop("Loại"),
    "kingpin_m": gettext_noop("Chốt kéo đến trục đầu"),
    "length_m": gettext_noop("Chiều dài"),
    "object": gettext_noop("Đối tượng"),
    "one_container": gettext_noop("Chở một container"),
    "outer_axles_m": gettext_noop("Trục đầu đến trục cuối"),
    "part": gettext_noop("Phần tải trọng"),
    "payload_t": gettext_noop("Tải trọng chở"),
    "permit": gettext_noop("Loại giấy phép"),
    "spacing_m": gettext_noop("Khoảng cách trục"),
    "speed_kmh": gettext_noop("Tốc độ"),
    "structure": gettext_noop("Loại kết cấu nhịp"),
    "technical_class": gettext_noop("Cấp kỹ thuật"),
    "total_vnd": gettext_noop("Tổng mức đầu tư"),
    "use": gettext_noop("Công năng"),
    "vehicle": gettext_noop("Loại xe"),
    "waterway_class": gettext_noop("Cấp đường thủy"),
    "work": gettext_noop("Công trình"),
    "work_class": gettext_noop("Cấp công trình"),
}

#: What the codes in conditions and values of the shipped rules mean.
VALUES: Final = {
    "EXPRESSWAY": gettext_noop("Đường cao tốc"),
    "OTHER": gettext_noop("Loại khác"),
    "SPECIAL": gettext_noop("Cấp đặc biệt"),
    "special": gettext_noop("Cấp đặc biệt"),
    "single": gettext_noop("Trục đơn"),
    "tandem": gettext_noop("Cụm trục kép"),
    "tridem": gettext_noop("Cụm trục ba"),
    "FAIR": gettext_noop("Trung bình"),
    "GOOD": gettext_noop("Tốt"),
    "POOR": gettext_noop("Kém"),
    "BAD": gettext_noop("Xấu"),
    "BRIDGE": gettext_noop("Cầu"),
    "bridge": gettext_noop("Cầu"),
    "TUNNEL": gettext_noop("Hầm"),
    "tunnel": gettext_noop("Hầm"),
    "FERRY": gettext_noop("Bến phà"),
    "ferry": gettext_noop("Bến phà"),
    "pontoon": gettext_noop("Cầu phao"),
    "ROAD": gettext_noop("Đường"),
    "road": gettext_noop("Đường"),
    "culvert": gettext_noop("Cống"),
    "STATION": gettext_noop("Bến xe"),
    "station": gettext_noop("Bến xe"),
    "bus_station": gettext_noop("Bến xe"),
    "PARKING": gettext_noop("Bãi đỗ xe"),
    "parking": gettext_noop("Bãi đỗ xe"),
    "REST_STOP": gettext_noop("Trạm dừng nghỉ"),
    "rest_stop": gettext_noop("Trạm dừng nghỉ"),
    "TOLL_STATION": gettext_noop("Trạm thu phí"),
    "toll_station": gettext_noop("Trạm thu phí"),
    "WEIGH_STATION": gettext_noop("Trạm kiểm tra tải trọng xe"),
    "weigh_station": gettext_noop("Trạm kiểm tra tải trọng xe"),
    "STORE": gettext_noop("Kho, bãi vật tư dự phòng"),
    "material_store": gettext_noop("Kho, bãi vật tư dự phòng"),
    "BUILDING_I": gettext_noop("Nhà cấp I"),
    "BUILDING_II": gettext_noop("Nhà cấp II"),
    "BUILDING_III": gettext_noop("Nhà cấp III"),
    "BUILDING_IV": gettext_noop("Nhà cấp IV"),
    "building_I": gettext_noop("Nhà cấp I"),
    "building_II": gettext_noop("Nhà cấp II"),
    "building_III": gettext_noop("Nhà cấp III"),
    "building_IV": gettext_noop("Nhà cấp IV"),
    "its": gettext_noop("Thiết bị giao thông thông minh"),
    "port": gettext_noop("Cảng, bến thủy"),
    "other": gettext_noop("Loại khác"),
    "urban_dry_span": gettext_noop("Nhịp cầu trên cạn trong đô thị"),
    "DRAWING": gettext_noop("Bản vẽ"),
    "CONTRACT": gettext_noop("Hợp đồng"),
    "DIRECTIVE": gettext_noop("Văn bản chỉ đạo"),
    "INSPECTION": gettext_noop("Kiểm tra, kiểm định"),
    "MAINTENANCE": gettext_noop("Bảo trì"),
    "PERMIT": gettext_noop("Giấy phép"),
    "ROUTINE": gettext_noop("Thường xuyên"),
    "WORK": gettext_noop("Công trình"),
    "WORK_IMPORTANT": gettext_noop("Công trình quan trọng"),
    "bus": gettext_noop("Xe khách"),
    "car": gettext_noop("Xe con"),
    "drawbar": gettext_noop("Xe kéo rơ moóc"),
    "heavy": gettext_noop("Xe tải nặng"),
    "max": gettext_noop("Lớn nhất"),
    "min": gettext_noop("Nhỏ nhất"),
    "estuary": gettext_noop("Vùng cửa sông"),
    "lake": gettext_noop("Hồ"),
    "adjustment": gettext_noop("Điều chỉnh"),
    "extension": gettext_noop("Gia hạn"),
    "new": gettext_noop("Cấp mới"),
    "reissue": gettext_noop("Cấp lại"),
    "relocation": gettext_noop("Di dời"),
    "repair": gettext_noop("Sửa chữa"),
    "house": gettext_noop("Nhà ở"),
    "gross_t": gettext_noop("Khối lượng toàn bộ"),
    "height_m": gettext_noop("Chiều cao"),
    "length_m": gettext_noop("Chiều dài"),
    "width_m": gettext_noop("Chiều rộng"),
    "advertising": gettext_noop("Biển quảng cáo"),
    "completeness_check": gettext_noop("Kiểm tra thành phần hồ sơ"),
    "junction_design": gettext_noop("Chấp thuận thiết kế nút giao"),
    "junction_place": gettext_noop("Chấp thuận vị trí nút giao"),
    "junction_works": gettext_noop("Thi công nút giao"),
    "oversize": gettext_noop("Xe quá khổ, quá tải"),
    "reclassify_road": gettext_noop("Điều chỉnh loại đường"),
    "road_use": gettext_noop("Sử dụng đường bộ"),
    "take_over_national_road": gettext_noop("Nhận quản lý quốc lộ"),
    "temporary_junction": gettext_noop("Đấu nối tạm"),
    "use_of_carriageway": gettext_noop("Sử dụng tạm lòng đường"),
    "use_of_pavement": gettext_noop("Sử dụng tạm vỉa hè"),
    "use_of_pavement_funeral": gettext_noop("Sử dụng tạm vỉa hè cho việc tang"),
    "works": gettext_noop("Thi công trên đường đang khai thác"),
    "AS_BUILT": gettext_noop("Bản vẽ hoàn công"),
    "CONTRACTS": gettext_noop("Hợp đồng"),
    "DESIGN": gettext_noop("Thiết kế"),
    "DESIGN_APPROVAL": gettext_noop("Phê duyệt thiết kế"),
    "FINAL_ACCEPTANCE": gettext_noop("Nghiệm thu hoàn thành"),
    "HANDOVER": gettext_noop("Bàn giao"),
    "INVESTMENT_DECISION": gettext_noop("Quyết định đầu tư"),
    "LOAD_LIMIT": gettext_noop("Công bố tải trọng, khổ giới hạn"),
    "MAINTENANCE_PROCEDURE": gettext_noop("Quy trình bảo trì"),
    "OPERATION_PROCEDURE": gettext_noop("Quy trình vận hành"),
    "OPENING": gettext_noop("Đưa vào khai thác"),
    "QUALITY": gettext_noop("Hồ sơ chất lượng"),
    "LIFE_OF_WORK": gettext_noop("Theo tuổi thọ công trình"),
    "PERMANENT": gettext_noop("Vĩnh viễn"),
    "NATIONAL": gettext_noop("Quốc gia"),
    "PROVINCIAL": gettext_noop("Cấp tỉnh"),
    "FULL": gettext_noop("Đầy đủ"),
}
