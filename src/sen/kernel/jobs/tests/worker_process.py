"""A worker with one slow job, made to be killed by a test."""

from __future__ import annotations

import asyncio
import os
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")


def declare() -> object:
    from django.db import connection

    from sen.kernel.jobs.context import JobContext
    from sen.kernel.jobs.definition import job

    @job(name="testing.dig", title="Nạo vét")
    def dig(context: JobContext, *, steps: int) -> int:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO dug (run_id) VALUES (%s)", [context.run_id])
        for step in range(1, steps + 1):
            time.sleep(0.02)
            context.progress(step, steps, f"Đoạn {step}")
        return steps

    return dig


if __name__ == "__main__":
    django.setup()
    declare()
    from sen.kernel.jobs.working import run_worker
    from sen.kernel.stopping import stop_in_loop

    async def main() -> None:
        await run_worker(concurrency=2, stop=stop_in_loop())

    asyncio.run(main())
