"""The page checker finds each fault it is there for, and lets a good page pass."""

from __future__ import annotations

import pytest

from tests.html_rules import faults

GOOD = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>线索</title></head><body>
<h1 id="top">线索</h1><p>一<p>二</p><ul><li>甲<li>乙</ul>
<form method="post" action="/x"><label for="place">地点</label><input id="place" aria-describedby="top">
<label>照片 <input type="file"></label><input type="hidden" name="a"><button>提交</button></form>
<a href="/"><img src="/a.png" alt="首页"><svg viewBox="0 0 1 1"><title>图</title><path d="M0 0"/></svg>首页</a>
<table><tr><td>1<td>2</table></body></html>"""

PLANTED = [
    ("<h1 id=", "<h2 id=", "one h1"),
    ("<title>线索</title>", "", "no title"),
    (' lang="zh-CN"', "", "lang"),
    ('<input type="hidden"', '<input id="top" type="hidden"', "stands 2 times"),
    (' action="/x"', "", "method and action"),
    (' method="post"', "", "method and action"),
    (' for="place"', "", "no label"),
    ('aria-describedby="top"', 'aria-describedby="gone"', "not on the page"),
    ("提交</button>", "</button>", "no words"),
    (' alt="首页"', "", "alt"),
    ("</form>", "", "not closed"),
    ("<h1 id=", "</div><h1 id=", "closes nothing"),
    ("<p>一", "<p style='color:red'>一", "inline style"),
    ("<p>一", "<p onclick='go()'>一", "inline onclick"),
    ("<p>一", "<p class=a class=b>一", "class twice"),
    ("<p>一", "<p><div>一</div>", "ends the <p>"),
    ("首页</a>", "首页<button>x</button></a>", "inside another link"),
    ("<button>", "<form method=post action=/y></form><button>", "form inside a form"),
]


def test_a_good_page_passes():
    assert faults(GOOD) == []


@pytest.mark.parametrize(("good", "bad", "told"), PLANTED)
def test_a_planted_fault_is_found(good: str, bad: str, told: str):
    assert good in GOOD
    found = faults(GOOD.replace(good, bad, 1))
    assert any(told in fault for fault in found), found


def test_a_fragment_is_asked_less():
    assert faults('<section id="standing"><h2>办理情况</h2></section>') == []
    assert faults('<section id="standing"><h2>办理情况</section>')
