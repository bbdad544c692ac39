"""``./sen accounts``: the first administrator, a way back in, keys for personal data."""

from __future__ import annotations

import argparse
import base64
import os

from sen.kernel.access.accounts import administration, rotation
from sen.kernel.access.context import acting_as
from sen.kernel.access.models import Organisation, Role, User
from sen.kernel.access.scope import system
from sen.kernel.errors import SenError

HELP = "Tạo tài khoản quản trị, đặt lại mật khẩu, thay khóa mã hóa dữ liệu cá nhân"
ADMINISTRATOR = "system_admin"


def arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="VIỆC")
    new = acts.add_parser("create-admin", help="tạo tài khoản quản trị hệ thống")
    new.add_argument("username", help="tên đăng nhập")
    new.add_argument("full_name", help="họ và tên")
    new.add_argument("--organisation", required=True, help="mã đơn vị chịu trách nhiệm")
    new.add_argument("--role", default=ADMINISTRATOR, help="mã vai trò")
    reset = acts.add_parser("reset-password", help="đặt lại mật khẩu và xóa lớp xác thực thứ hai")
    reset.add_argument("username")
    acts.add_parser("new-data-key", help="in một dòng khóa mới cho tệp SEN_DATA_KEYS_FILE")
    acts.add_parser("rotate-data-keys", help="mã hóa lại mọi giá trị bằng khóa đứng đầu tệp")


def run(options: argparse.Namespace) -> int:
    acts = {
        "create-admin": create_admin,
        "reset-password": reset_password,
        "new-data-key": new_data_key,
        "rotate-data-keys": rotate_data_keys,
    }
    actor = system("dòng lệnh của máy chủ")
    try:
        with acting_as(actor):
            return acts[options.act](options)
    except SenError as error:
        print(error)
        return 1


def create_admin(options: argparse.Namespace) -> int:
    """Nobody is there yet who could create an account on the pages."""
    actor = system("tạo tài khoản quản trị bằng dòng lệnh")
    organisation = Organisation.objects.filter(code=options.organisation).first()
    role = Role.objects.filter(code=options.role).first()
    if organisation is None or role is None:
        missing = "đơn vị" if organisation is None else "vai trò"
        code = options.organisation if organisation is None else options.role
        print(f"Không có {missing} mang mã “{code}”.")
        return 1
    user, password = administration.create_account(
        actor=actor,
        username=options.username,
        full_name=options.full_name,
        kind=User.Kind.OFFICIAL,
        organisation=organisation,
    )
    administration.give_role(actor=actor, user=user, role=role, organisation=None, area=None)
    print(f"Mật khẩu lần đầu của {user.username} (chỉ hiện một lần): {password}")
    return 0


def reset_password(options: argparse.Namespace) -> int:
    """When the last administrator has lost the way in."""
    user = User.objects.filter(username=options.username.lower()).first()
    if user is None:
        print(f"Không có tài khoản “{options.username}”.")
        return 1
    actor = system("đặt lại mật khẩu bằng dòng lệnh")
    administration.unlock_account(actor=actor, user=user)
    administration.reset_second_factor(actor=actor, user=user, reason=actor.name)
    password = administration.reset_password(actor=actor, user=user)
    print(f"Mật khẩu mới của {user.username} (chỉ hiện một lần): {password}")
    return 0


def new_data_key(_options: argparse.Namespace) -> int:
    print(f"k{os.urandom(4).hex()}:{base64.b64encode(os.urandom(32)).decode()}")
    return 0


def rotate_data_keys(_options: argparse.Namespace) -> int:
    print(f"Đã mã hóa lại {rotation.rotate_values()} giá trị.")
    return 0
