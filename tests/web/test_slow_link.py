"""The first answer over a slow link: what must come before it, and when it is there.

Two tests hold the bound of 3 s. One lets only those files through that the answer needs, and
computes what the link takes for the bytes that Chromium counted: the machine's load cannot change
that, so it always runs. The other visits the page over a link that Chromium slows down, in real
time: it is slow, and the best of three visits counts, because a busy machine may delay one.
"""

from __future__ import annotations

import gzip
import json
import re
import threading

import pytest
import uvicorn
from page_cases import DIGIT
from playwright.sync_api import expect
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from lenet.network.weights import load_weights
from lenet.web.assemble import export_page, page_files
from lenet.web.networks import first_network

SPEED, LATENCY = 50_000, 0.4  # bytes a second, and seconds
BOUND = 3.0  # seconds
MOST_NETWORK = 150_000  # bytes, compressed
WATCH = """new MutationObserver(() => {
  const now = performance.now() / 1000, text = (id) => document.querySelector(id)?.textContent;
  if (text("#clear")) window.readable ??= now;
  if (text("#answer .digit") === "4") window.answered ??= now;
}).observe(document, { subtree: true, childList: true, characterData: true })"""
BITS = """async () => {
  const { load } = await import("page/weights.js"), { tensors } = await load("1998");
  return Object.entries(tensors).map(([name, { values }]) =>
    [name, [...new Uint32Array(Float32Array.from(values).buffer)]]);
}"""

BRIGHTEST = """() => {
  const { data } = document.getElementById("pad").getContext("2d").getImageData(0, 0, 280, 280);
  return Math.max(...data.filter((_, place) => place % 4 === 0));
}"""


@pytest.fixture(scope="module")
def hosted(tmp_path_factory):
    """The address of the exported page on a host that compresses, as nearly all do."""
    folder = tmp_path_factory.mktemp("hosted")
    export_page(folder)
    site = Mount("/", StaticFiles(directory=folder, html=True))
    app = Starlette(routes=[site], middleware=[Middleware(GZipMiddleware)])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    with server.config.bind_socket() as socket:
        thread = threading.Thread(target=server.run, args=([socket],))
        thread.start()
        yield f"http://127.0.0.1:{socket.getsockname()[1]}/"
        server.should_exit = True
        thread.join()


def test_the_first_network_is_small_and_the_rest_makes_it_exact(visit, exported):
    first, _ = first_network()
    assert len(gzip.compress(json.dumps(first).encode())) < MOST_NETWORK
    bits = dict(visit(exported).evaluate(BITS))
    for name, tensor in load_weights("1998").tensors.items():
        assert bits[name] == tensor.view("<u4").ravel().tolist(), name


@pytest.mark.parametrize("where", ["served", "hosted"])
def test_the_first_answer_needs_little_of_a_slow_link(where, visit, request):
    index = page_files(served=where == "served")["index.html"].decode()
    named = re.findall(r'<link rel="(?:modulepreload|stylesheet)" href="(.+?)">', index)
    in_head = {name for name in named if name in index.partition("</head>")[0]}
    sent: dict[str, int] = {}

    def count(page):
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on(
            "Network.loadingFinished",
            lambda event: sent.update({event["requestId"]: event["encodedDataLength"]}),  # data: 0
        )
        page.route("**/*", lambda route: let_through(route, {"", *in_head}))

    page = visit(request.getfixturevalue(where), prepare=count)
    expect(page.locator("#answer .digit")).to_have_text("4")
    page.wait_for_timeout(500)  # milliseconds, for the last file's event
    assert len(list(filter(None, sent.values()))) == 1 + len(in_head)
    rounds = 2 if in_head else 1  # index.html, and then the files that it names
    assert rounds * LATENCY + sum(sent.values()) / SPEED <= BOUND


def let_through(route, names):
    """The others are left without an answer."""
    if route.request.url.rpartition("/")[2] in names:
        route.continue_()


@pytest.mark.slow
@pytest.mark.parametrize("where", ["served", "hosted"])
def test_the_first_answer_comes_over_a_slow_link(where, visit, request):
    throughput = dict.fromkeys(("downloadThroughput", "uploadThroughput"), SPEED)

    def slow_down(page):
        page.add_init_script(WATCH)
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        link = {"offline": False, "latency": 1_000 * LATENCY} | throughput
        network.send("Network.emulateNetworkConditions", link)

    for _ in range(3):
        page = visit(request.getfixturevalue(where), prepare=slow_down)
        expect(page.locator("#answer .digit")).to_have_text("4")
        answered, readable = (page.evaluate(name) for name in ("answered", "readable"))
        if answered <= BOUND:
            break
    assert answered <= BOUND
    assert readable <= answered - 0.5  # the texts do not wait for the network


def test_rounded_weights_are_said_until_the_exact_ones_are_there(visit, served):
    def hold(page):
        page.route("**/networks/1998.js", lambda route: waiting.append(route))

    waiting: list = []
    page = visit(served, prepare=hold)
    story, sure = page.locator("#about-network"), page.locator(f"{DIGIT} + .sure")
    expect(page.locator("article.shown .digit")).to_have_text("4")
    expect(story).to_contain_text("rounded to within 3 %")
    expect(page.locator("canvas[data-layer='output']")).to_be_visible()
    penalties = page.locator("#answer .far")
    rounded = penalties.all_inner_texts()
    waiting.pop().continue_()
    expect(story).to_have_text("The network and the training of the paper.")
    expect(sure).to_have_text(re.compile("%"))
    assert len(rounded) == 10
    assert penalties.all_inner_texts() != rounded


def test_exact_weights_that_do_not_come_are_reported(visit, served):
    page = visit(served, prepare=lambda page: page.route("**/networks/1998.js", fail))
    expect(page.locator("#status")).to_contain_text("network could not be loaded")
    expect(page.locator("#about-network")).to_contain_text("rounded to within 3 %")
    expect(page.locator(DIGIT)).to_have_text("4")


def fail(route):
    route.fulfill(status=200, body="0")


def test_a_digit_that_is_drawn_before_the_style_comes_gets_its_colour(visit, served):
    """Failed before: it stayed black, also on a dark page."""

    def hold(page):
        page.emulate_media(color_scheme="dark")
        page.route("**/style.css", lambda route: waiting.append(route))

    waiting: list = []
    page = visit(served, prepare=hold)
    expect(page.locator("#answer .digit")).to_have_text("4")
    assert page.evaluate(BRIGHTEST) == 0
    waiting.pop().continue_()
    page.wait_for_load_state()  # the style's own event has been by then
    assert page.evaluate(BRIGHTEST) > 200
