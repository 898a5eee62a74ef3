"""What one build leaves for the next: whole, checked, or made again."""

import pytest

from _ext.limits_site import kept


@pytest.mark.parametrize("damage", [b"", b"garbage", "cut", "flipped", "longer"])
def test_a_damaged_file_is_made_again_and_said(tmp_path, capsys, damage):
    path, made = tmp_path / "folder" / "claims.json", []

    def make():
        made.append(1)
        return b'{"claims": [1, 2]}\n'

    assert kept.content(path, make) == kept.content(path, make) == make()
    assert len(made) == 2 and not capsys.readouterr().err  # made once, asked for once here
    good = path.read_bytes()
    bad = {"cut": good[:-3], "flipped": good.replace(b"2]", b"3]"), "longer": good + b"x"}
    path.write_bytes(bad[damage] if isinstance(damage, str) else damage)
    assert kept.content(path, make) == b'{"claims": [1, 2]}\n'
    assert capsys.readouterr().err.count("is made again") == 1 and path.read_bytes() == good
    assert [p.name for p in path.parent.iterdir()] == ["claims.json"]


def test_what_could_not_be_made_or_written_leaves_nothing(tmp_path, monkeypatch):
    path = tmp_path / "drawing.png"
    with pytest.raises(ZeroDivisionError):
        kept.content(path, lambda: 1 / 0)

    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(kept.os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        kept.content(path, lambda: b"x")
    assert list(tmp_path.iterdir()) == []
