"""Takes the pictures of docs/page.md, of a service: python -m support.page_screenshots URL FOLDER [VIEW ...].

LOCALE=zh-CN before it has them as a browser of that language shows them; Debian's fonts-noto-cjk has the characters.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

SIZES = {"desk": (1440, 960), "tablet": (820, 1100), "phone": (360, 760)}
DARK = {"past-desk", "shopper-phone", "case-tablet"}
SETTLE_S = 6.0
FEED_S = 60.0
"""Until the chart of Now has a minute."""


def views(url: str) -> dict[str, str]:
    """Addresses of views, of the shopper with the most severe anomaly that has several steps."""
    with urlopen(f"{url}/v1/anomalies?state=open&limit=200") as answer:
        found = json.load(answer)["anomalies"]
    case = max(found, key=lambda one: (one["step"] > 1, one["severity"], one["step"]))
    shopper = case["profile_id"]
    with urlopen(f"{url}/v1/profiles/{shopper}?fields=version") as answer:
        version = json.load(answer)["version"]
    return {
        "now": "#/now",
        "queue": "#/queue",
        "case": f"#/case/{case['anomaly_id']}",
        "shopper": f"#/shopper/{shopper}",
        "past": f"#/shopper/{shopper}?v={max(1, version // 2)}",
        "timeline": f"#/timeline/{shopper}",
        "segments": "#/segments/vip",
        "rules": "#/segments/first-order",
        "streams": "#/streams",
        "refused": "#/refused",
    }


def edit_rules(page: Any) -> None:
    """An edit that was tried."""
    page.get_by_role("button", name="Edit the rules").click()
    area = page.get_by_label("The file, in place of")
    area.fill(area.input_value().replace("order.days < 30", "order.days < 30 and events < 20"))
    page.get_by_role("button", name="Try on all shoppers").click(timeout=30_000)
    page.get_by_text("Who would move").wait_for(timeout=60_000)
    area.evaluate(
        "area => { area.style.height = '260px'; area.scrollTop = 1180; area.scrollIntoView(); scrollBy(0, -130); }"
    )
    time.sleep(1)


def take(browser: Any, url: str, folder: Path, chosen: list[str]) -> None:
    """Every view that is chosen, at every size."""
    for view, address in views(url).items():
        if chosen and view not in chosen:
            continue
        for size, (width, height) in SIZES.items():
            name = f"{view}-{size}"
            scheme = "dark" if name in DARK else "light"
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=scheme,
                locale=os.environ.get("LOCALE", "en-GB"),
            )
            page = context.new_page()
            page.goto(f"{url}/{address}")
            page.wait_for_selector(".pill.good", timeout=60_000)
            time.sleep(FEED_S if name == "now-desk" else SETTLE_S)
            path = folder / f"{name}.png"
            if view == "rules":
                edit_rules(page)
            page.screenshot(path=str(path))
            context.close()
            if shutil.which("pngquant"):
                subprocess.run(["pngquant", "--force", "--skip-if-larger", "--output", path, "64", path], check=False)


def main(url: str, folder: str, *chosen: str) -> None:
    """Take all, or the views that are named."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or sys.exit("No Chromium. Install it: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        take(browser, url.rstrip("/"), Path(folder), list(chosen))
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
