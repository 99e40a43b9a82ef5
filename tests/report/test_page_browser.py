"""The page in a real browser: filters, links, lines, keys, hostile words; nothing comes from the network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages import browser, columns_of

import xproj_fast as xp
from xproj_fast.demo import demo_gold, demo_pairs
from xproj_fast.report.page.page import write_page
from xproj_fast.report.page.views import view_of

HOSTILE = ["<script>document.title='x'</script>", '"', "<img src=x onerror=alert(1)>", "a\u202eb", "&lt;", "'", "x y"]


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of two languages, of which some entities were not projected."""
    views = [
        view_of(
            xp.project(demo_pairs(language), scores="learned", min_confidence=0.4),
            gold=demo_gold(language),
            name=language,
        )
        for language in ("de", "ar")
    ]
    return write_page(views, tmp_path_factory.mktemp("page") / "demo.html", title="Demo")


@pytest.fixture
def at(driver: Any, page: Path) -> Any:
    """Return what opens the page at a place and returns the browser."""

    def open_at(place: str = "", path: Path = page) -> Any:
        driver.get("about:blank")
        driver.get(path.as_uri() + place)
        assert driver.execute_script("return document.documentElement.dataset.ready") == "yes"
        return driver

    return open_at


def css(driver: Any, selector: str) -> list[Any]:
    found: list[Any] = driver.find_elements("css selector", selector)
    return found


def texts(driver: Any, selector: str) -> list[str]:
    return [each.text for each in css(driver, selector)]


def chip(driver: Any, name: str) -> Any:
    """Return the button of a choice, by what it says in front of its number."""
    (found,) = [each for each in css(driver, ".chip") if each.text.rsplit(" ", 1)[0] == name and each.is_displayed()]
    return found


def total(driver: Any) -> int:
    """Return how many pairs pass."""
    return int(driver.find_element("id", "count").text.split()[0].replace(",", ""))


def shown(driver: Any, selector: str = ".number") -> list[str]:
    """Return a text of each pair that is drawn, in their order."""
    script = (
        "return [...document.querySelectorAll('article')].map(a => a.querySelector(arguments[0])?.textContent ?? '')"
    )
    found: list[str] = driver.execute_script(script, selector)
    return found


def test_a_filter_leaves_what_it_says(at: Any) -> None:
    driver = at()
    assert total(driver) == 80
    for name in ("ar", "LOC", "boundary"):
        at()
        button = chip(driver, name)
        button.click()
        assert button.get_attribute("aria-pressed") == "true"
        assert 0 < total(driver) < 80
        assert driver.current_url.endswith({"ar": "#data=ar", "LOC": "#class=LOC"}.get(name, "#difference=boundary"))
        button.click()
        assert total(driver) == 80
    chip(driver, "boundary").click()
    assert all("boundary" in badge for badge in shown(driver, ".badge"))
    many = int(chip(driver, "boundary").text.rsplit(" ", 1)[1])
    assert many >= total(driver)


def test_filters_hold_for_one_entity_together(at: Any) -> None:
    """LOC and boundary: pairs with a LOC of wrong bounds, not with any LOC and any wrong bounds."""
    driver = at("#difference=boundary")
    expected = {label: int(chip(driver, label).text.rsplit(" ", 1)[1]) for label in ("LOC", "ORG", "MISC")}
    for label, many in expected.items():
        at(f"#difference=boundary&class={label}")
        marks = texts(driver, ".target mark.wrong .tag")
        assert total(driver) <= many
        assert (total(driver) == 0) == (many == 0)
        assert not many or any(mark.startswith(label) and "boundary" in mark for mark in marks)


def test_what_was_not_projected_says_why(at: Any) -> None:
    driver = at()
    chip(driver, "less sure than the minimum").click()
    assert total(driver) > 0
    assert all(
        "not projected: " in line and "(less sure than the minimum)" in line for line in shown(driver, "ul.lost")
    )
    assert css(driver, ".source mark.gone")


def test_text_and_id_are_searched(at: Any) -> None:
    driver = at()
    box = driver.find_element("id", "text")
    box.send_keys("berlin")
    assert 0 < total(driver) < 80
    assert all("berlin" in text.lower() for text in shown(driver, ".sides"))
    box.send_keys("zzz")
    assert total(driver) == 0
    assert driver.find_element("id", "nothing").is_displayed()
    driver.find_element("id", "clear").click()
    assert total(driver) == 80
    assert box.get_property("value") == ""


def test_confidence_is_filtered_by_number_and_by_bar(at: Any) -> None:
    driver = at()
    low = driver.find_element("id", "low")
    driver.execute_script("arguments[0].value = '0.9'; arguments[0].dispatchEvent(new Event('change'))", low)
    sure = [float(text.split()[-1]) for text in shown(driver, ".target mark .sure")]
    assert 0 < total(driver) < 80
    assert driver.current_url.endswith("#sure=0.9-1")
    assert sure
    at()
    bars = css(driver, ".bar")
    heights = [sum(part.size["height"] for part in bar.find_elements("tag name", "i")) for bar in bars]
    tallest = heights.index(max(heights))
    bars[tallest].click()
    label = bars[tallest].get_attribute("title")
    many = sum(int(part.split()[0]) for part in label.split(": ")[1].split(", "))
    assert driver.find_element("id", "count").text.endswith(f"{many} entities")
    assert many == sum(int(chip(driver, name).text.rsplit(" ", 1)[1]) for name in ("PER", "LOC", "ORG", "MISC"))
    assert label in driver.find_element("id", "histogram").get_attribute("aria-label")


def test_a_bar_ends_where_the_next_begins(at: Any, tmp_path: Path) -> None:
    plain = xp.LabelledSentences.from_lists([["a", "b", "c", "d"]], [[(i, i + 1, "X") for i in range(4)]])
    sure = np.array([0.95, 0.92, 0.95, 1], np.float32)
    sentences = xp.LabelledSentences.from_columns(plain.words, plain.entities, plain.labels, confidences=sure)
    driver = at("", sentences.report(tmp_path / "x.html"))
    for place, many in ((18, "1 entity"), (19, "3 entities")):
        bar = css(driver, ".bar")[place]
        assert bar.get_attribute("title").endswith(f": {many.split()[0]}")
        bar.click()
        assert driver.find_element("id", "count").text.endswith(many)
        bar.click()
        assert driver.find_element("id", "count").text.endswith("4 entities")


def test_orders(at: Any) -> None:
    driver = at("#data=de")
    select = driver.find_element("id", "sort")
    worst = shown(driver)
    assert "all right" not in shown(driver, ".badge")[0]
    for value, first in (("file", "1"), ("best", None), ("worst", worst[0])):
        script = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change'))"
        driver.execute_script(script, select, value)
        if first is not None:
            assert shown(driver)[0] == first
        else:
            assert shown(driver, ".badge")[0] == "all right"


def test_the_surest_first_whatever_is_right(at: Any, page: Path) -> None:
    driver = at("#order=best")
    sure = [
        min([float(tag.split()[1]) for tag in texts(pair, ".target mark .tag")], default=1.0)
        for pair in css(driver, "article")
        if not css(pair, "ul.lost")
    ]
    assert sure == sorted(sure, reverse=True)
    found = columns_of(page)
    ordered = sorted(zip(found["certainty"], found["number"], strict=True), key=lambda each: (-each[0], each[1]))
    links = "return [...document.querySelectorAll('.number')].map((link) => Number(link.href.split('=')[1]))"
    drawn = driver.execute_script(links)
    assert drawn == [number for _, number in ordered[: len(drawn)]]
    assert len(drawn) > 5


def test_a_link_shows_one_pair(at: Any) -> None:
    driver = at()
    link = css(driver, ".number")[1]
    number, sides = link.get_attribute("href").split("#pair=")[1], shown(driver, ".sides")[1]
    link.click()
    assert driver.current_url.endswith(f"#pair={number}")
    assert shown(driver, ".sides") == [sides]
    driver.find_element("id", "all").click()
    assert total(driver) == 80
    at(f"#pair={number}")
    assert shown(driver, ".sides") == [sides]
    at("#pair=999")
    assert driver.find_element("id", "lone").text.startswith("No sentence of this number is on the page.")
    assert not driver.find_element("id", "nothing").is_displayed()


def test_an_address_brings_the_filters_back(at: Any) -> None:
    driver = at()
    chip(driver, "ar").click()
    chip(driver, "PER").click()
    driver.find_element("id", "text").send_keys("Maria")
    before, address = shown(driver, ".sides"), driver.current_url
    assert before
    at("#" + address.split("#")[1])
    assert shown(driver, ".sides") == before
    assert chip(driver, "PER").get_attribute("aria-pressed") == "true"
    at("#class=no+such&sure=x-y&order=z&pair=q")  # what nobody wrote
    assert total(driver) == 80


LINES = """
const article = arguments[0];
return [...article.querySelectorAll('svg.lines path')].map((path) => {
  const ends = [path.getPointAtLength(0), path.getPointAtLength(path.getTotalLength())];
  const frame = article.getBoundingClientRect();
  const word = (side) => article.querySelector(`[data-${side}="${path.dataset[side]}"]`).getBoundingClientRect();
  return [Number(path.dataset.source), Number(path.dataset.target), ...['source', 'target'].map((side, i) => {
    const [box, x, y] = [word(side), ends[i].x + frame.left, ends[i].y + frame.top];
    return x >= box.left - 1 && x <= box.right + 1 && Math.min(Math.abs(y - box.bottom), Math.abs(y - box.top)) <= 2;
  })];
});
"""


@pytest.mark.parametrize("stacked", [False, True])
@pytest.mark.parametrize("language", ["de", "ar"])
def test_lines_join_the_words_that_are_aligned(language: str, stacked: bool, at: Any) -> None:
    pairs = demo_pairs(language)
    driver = at(f"#data={language}&order=file")
    if stacked:
        driver.find_element("id", "stack").click()
    for row in (1, 3):
        article = css(driver, "article")[row]
        driver.execute_script("arguments[0].focus()", article)
        lines = driver.execute_script(LINES, article)
        assert sorted((source, target) for source, target, *_ in lines) == sorted(pairs[row].alignments or ())
        assert lines
        assert all(starts and ends for *_, starts, ends in lines)
    assert len(css(driver, "svg.lines")) == 1


def test_a_word_shows_its_own_lines(at: Any) -> None:
    from selenium.webdriver import ActionChains

    driver = at("#data=de&order=file")
    links = set(demo_pairs("de")[1].alignments or ())
    word = css(driver, "article")[1].find_element("css selector", '[data-source="1"]')
    ActionChains(driver).move_to_element(word).perform()
    mine = driver.execute_script(
        "return [...document.querySelectorAll('path.mine')].map(p => [+p.dataset.source, +p.dataset.target])"
    )
    assert {tuple(each) for each in mine} == {link for link in links if link[0] == 1} != set()
    linked = driver.execute_script("return [...document.querySelectorAll('.linked')].map(w => w.textContent)")
    assert len(linked) == 1 + len(mine)


def test_keys_move_the_focus(at: Any) -> None:
    from selenium.webdriver import ActionChains, Keys

    driver = at()

    def press(*keys: str) -> str:
        ActionChains(driver).send_keys(*keys).perform()
        script = """
        const focused = document.activeElement;
        return focused.closest('article')?.getAttribute('aria-posinset') ?? focused.id;
        """
        found: str = driver.execute_script(script)
        return found

    assert press("j") == "1"
    assert press("j", "j") == "3"
    assert press("k") == "2"
    assert press("j", "j", "j", "j", "j", "j", "j", "j", "j", "j") == "12"  # none of these was drawn at first
    assert press("/") == "text"
    assert press("j") == "text"
    assert driver.find_element("id", "text").get_property("value") == "j"
    press(Keys.ESCAPE)
    assert total(driver) == 80


def test_right_to_left_is_drawn_so(at: Any) -> None:
    driver = at("#data=ar&order=file")
    script = """
    const line = document.querySelector('.target .sentence');
    const words = [...line.querySelectorAll('[data-target]')].map((word) => word.getBoundingClientRect());
    return [getComputedStyle(line).direction, words[0].right > words[1].right, words[0].left > words[2].left];
    """
    assert driver.execute_script(script) == ["rtl", True, True]
    tag = css(driver, ".target .tag")[0].text
    assert tag.split() == ["PER", tag.split()[1]]
    assert tag.split()[1].startswith((".", "1.00"))


def test_hostile_words_stay_text(at: Any, tmp_path: Path) -> None:
    count = len(HOSTILE)
    pairs = xp.SentencePairs.from_lists(
        [HOSTILE],
        [HOSTILE],
        [[(0, 2, "<b>X</b>"), (3, count, "\"'><i>")]],
        [[(i, i) for i in range(count)]],
        ids=["<u>&"],
    )
    path = xp.project(pairs).report(tmp_path / "x.html", title="<i>t</i>")
    driver = at("", path)
    drawn = driver.execute_script("return [...document.querySelectorAll('[data-target]')].map(w => w.textContent)")
    assert drawn == [word.replace("\u202e", "\\u202e") for word in HOSTILE]
    assert driver.title == "<i>t</i>"
    assert not css(driver, "b, img, u, .sentence i, h1 i")
    assert css(driver, ".id")[0].text == "<u>&"
    assert chip(driver, "<b>X</b>")
    assert not driver.get_log("browser")


def test_entities_that_share_words_are_nested_or_cut(at: Any, tmp_path: Path) -> None:
    words = ["a", "b", "c", "d", "e"]
    entities = [[(0, 4, "ORG"), (0, 1, "LOC"), (2, 5, "MISC"), (3, 4, "PER")]]
    gold = xp.LabelledSentences.from_lists([words], entities, nested=True)
    driver = at("", gold.report(tmp_path / "x.html"))
    assert driver.execute_script("return [...document.querySelectorAll('.word')].map(w => w.textContent)") == words
    assert sorted(texts(driver, "mark .tag")) == ["LOC", "MISC", "ORG", "PER"]
    inside = """
    const depth = (element) => element ? 1 + depth(element.parentElement.closest('mark')) : 0;
    return [...document.querySelectorAll('.word')].map((word) => depth(word.closest('mark')));
    """
    assert driver.execute_script(inside) == [2, 1, 2, 3, 1]


def test_two_outputs_beside_gold(at: Any, tmp_path: Path) -> None:
    pairs, gold = demo_pairs("ru"), demo_gold("ru")
    before, after = xp.project(pairs, matcher="heuristic"), xp.project(pairs, scores="learned")
    path = before.report(tmp_path / "x.html", against=after, gold=gold)
    driver = at("", path)
    errors = [view_of(each, gold=gold).errors() for each in (before, after)]
    for name, wanted in (("better", errors[1] < errors[0]), ("worse", errors[1] > errors[0])):
        if not wanted.any():
            continue
        at(f"#change={name}", path)
        assert total(driver) == int(wanted.sum())
        assert all(f"other {name}" in each for each in texts(driver, "article header"))


def test_nothing_is_asked_from_the_network(at: Any, driver: Any) -> None:
    driver.get_log("performance")  # of what was before
    at()
    chip(driver, "ar").click()
    driver.execute_script("window.scrollTo(0, document.body.scrollHeight)")
    requests = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    urls = [each["params"]["request"]["url"] for each in requests if each["method"] == "Network.requestWillBeSent"]
    assert urls
    assert all(url.startswith(("file:", "about:")) for url in urls), urls
    assert len([url for url in urls if url.startswith("file:")]) == 1
    assert driver.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert not driver.get_log("browser")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", ["", "#difference=boundary&class=LOC", "#pair=3"])
def test_nothing_bars_people_who_do_not_see(scheme: str, place: str, at: Any, driver: Any) -> None:
    axe = pytest.importorskip("axe_core_python.selenium", reason="axe-core-python is not installed (extra: test)")
    feature = {"name": "prefers-color-scheme", "value": scheme}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})  # axe is not the page's own script
    try:
        at(place)
        found = axe.Axe().run(driver)
    finally:
        driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": False})
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    told = [
        (each["id"], each["impact"], [node["html"][:200] for node in each["nodes"]]) for each in found["violations"]
    ]
    assert not told


def test_many_pairs_are_few_elements(at: Any, tmp_path: Path) -> None:
    """What stands far from the window is not in the page, and the end of the list is reached."""
    pairs = demo_pairs("de")
    many = pairs[[i % 40 for i in range(3000)]]
    driver = at("#order=file", xp.project(many).report(tmp_path / "x.html"))
    assert total(driver) == 3000
    assert len(css(driver, "article")) < 40
    for _ in range(4):  # heights are guessed until they were seen
        driver.execute_script("window.scrollTo(0, document.body.scrollHeight)")
        driver.execute_async_script("requestAnimationFrame(() => setTimeout(arguments[0], 50))")
    assert shown(driver)[-1] == "3,000"
    assert len(css(driver, "article")) < 60
    script = """
    return [...document.querySelectorAll('article')].map((article) => article.getBoundingClientRect())
      .map((box) => [box.top, box.bottom]);
    """
    assert all(below[0] >= above[1] for above, below in pairwise(sorted(driver.execute_script(script))))


def test_what_has_the_focus_keeps_its_place(at: Any) -> None:
    """A sentence that has the focus stays when it leaves the window, at the end where it belongs."""
    driver = at("#data=de")
    driver.execute_script("document.querySelectorAll('article')[0].focus()")
    driver.execute_script("window.scrollTo(0, 3500)")
    driver.execute_async_script("requestAnimationFrame(() => setTimeout(arguments[0], 100))")
    for event in ("", "beforeprint"):
        driver.execute_script("if (arguments[0]) window.dispatchEvent(new Event(arguments[0]))", event)
        places = [int(pair.get_attribute("aria-posinset")) for pair in css(driver, "article")]
        assert places[0] == 1
        assert places == sorted(places)
    driver.execute_script("window.dispatchEvent(new Event('afterprint'))")


def test_outcomes_count_source_entities(at: Any, tmp_path: Path) -> None:
    """Whatever their spans; and one that was not projected is one with the gold entity that is missing for it."""
    pairs, gold = demo_pairs("es"), demo_gold("es")
    many = xp.project(pairs, matcher="exact", limit=">=1")
    driver = at("", many.report(tmp_path / "x.html"))
    projected = many.counts()["projected"]
    assert len(many.matches.start) > projected
    assert int(chip(driver, "projected").text.rsplit(" ", 1)[1]) == projected
    found = xp.project(pairs, scores="learned")
    at("", found.report(tmp_path / "y.html", gold=gold))
    lost = int(chip(driver, "no candidate scored").text.rsplit(" ", 1)[1])
    assert lost == found.counts()["unscored"] > 0
    assert xp.differences(gold, found).counts()["missing"] == lost
    entities = len(pairs.entities.start)
    assert driver.find_element("id", "count").text.endswith(f"{entities} entities")
    at("#outcome=no+candidate+scored&difference=missing", tmp_path / "y.html")
    assert total(driver) > 0


def test_another_output_is_not_gold(at: Any, tmp_path: Path) -> None:
    pairs = demo_pairs("ru")
    before, after = xp.project(pairs, matcher="heuristic"), xp.project(pairs, scores="learned")
    driver = at("", before.report(tmp_path / "x.html", against=after))
    said = driver.find_element("tag name", "body").text
    assert "the same" in said
    assert "all right" not in said
    assert "missing" not in said
    assert chip(driver, "only in other")


def test_leftward_text_may_begin_with_a_foreign_name(at: Any, tmp_path: Path) -> None:
    words = ["Siemens", *(demo_pairs("ar")[1].target or ())]
    sentences = xp.LabelledSentences.from_lists([words, ["Die", "Stadt", "\u0627\u0644"]], [[], []])
    driver = at("#order=file", sentences.report(tmp_path / "x.html"))
    script = "return [...document.querySelectorAll('.sentence')].map((line) => getComputedStyle(line).direction)"
    assert driver.execute_script(script) == ["rtl", "ltr"]


def test_names_with_spaces_are_drawn_so(at: Any, tmp_path: Path) -> None:
    ids = ["doc 1  a", ""]
    sentences = xp.LabelledSentences.from_lists([["a"], ["b"]], [[(0, 1, "X")], []], ids=ids)
    path = write_page(
        [view_of(sentences, gold=sentences, names=("my file.jsonl", "b"))], tmp_path / "x.html", title="a  b"
    )
    driver = at("#order=file", path)
    html = driver.execute_script("return document.documentElement.innerHTML")
    assert [each.get_property("textContent") for each in css(driver, ".id")] == ids
    assert "my file.jsonl" in driver.find_element("tag name", "h1").parent.find_element("css selector", ".totals").text
    assert driver.title == "a b"
    assert not set("\ue000\ue001\ue002") & set(html.replace("\\ue00", ""))


def test_a_print_has_the_pairs_behind_one_another(at: Any) -> None:
    driver = at("#data=de")
    driver.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    assert len(css(driver, "article")) == 40
    driver.execute_script("window.dispatchEvent(new Event('afterprint'))")
    assert len(css(driver, "article")) < 40
