"""Published models: listed, fetched with a check of their sum, and clear without a network."""

from __future__ import annotations

import hashlib
import http.server
import threading
from dataclasses import replace

import pytest

from seam_core import models
from seam_core.cli import main
from seam_core.registry import FAMILIES
from seam_core.validate import InputError

CONTENT = b"weights"


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A published model on a server of our own."""
    served = tmp_path / "served"
    served.mkdir()
    (served / "net.h5").write_bytes(CONTENT)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(served))

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        file = models.ModelFile(
            "net.h5",
            f"http://127.0.0.1:{running.server_port}/net.h5",
            hashlib.md5(CONTENT).hexdigest(),
        )
        model = replace(models.MODELS["deepstarr"], name="mine", files=(file,))
        monkeypatch.setitem(models.MODELS, "mine", model)
        monkeypatch.setenv("SEAM_MODELS", str(tmp_path / "cache"))
        yield model
        running.shutdown()


def publish(monkeypatch, model, **changes):
    file = replace(model.files[0], **changes)
    monkeypatch.setitem(models.MODELS, "mine", replace(model, files=(file,)))


def test_a_model_is_fetched_and_found_by_its_name(server):
    assert models.fetched("mine") is None
    with pytest.raises(InputError, match="seam models fetch mine"):
        models.locate("mine")
    path = models.fetch("mine")
    assert path.read_bytes() == CONTENT
    assert models.locate("mine") == str(path)


def test_another_sum_is_refused_and_not_kept(server, monkeypatch):
    publish(monkeypatch, server, md5="0" * 32)
    with pytest.raises(models.DownloadError, match="another MD5 sum"):
        models.fetch("mine")
    assert models.fetched("mine") is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/net.h5", "gone"])
def test_without_a_network_the_message_says_what_to_do(server, monkeypatch, url):
    if url == "gone":
        url = server.files[0].url + ".gone"
    publish(monkeypatch, server, url=url)
    with pytest.raises(models.DownloadError, match="Is there a network"):
        models.fetch("mine")


def test_unknown_models(server):
    with pytest.raises(InputError, match="deepstarr"):
        models.fetch("unheard_of")
    assert models.locate("some/file.keras") == "some/file.keras"


def test_deepstarr_has_the_sums_of_its_record():
    sums = {file.md5 for file in models.MODELS["deepstarr"].files}
    assert sums == {"9b796f79441e53dc75dd79b911fff872", "7e53a9351b2520a4713a5ffdb5f1566c"}


def test_the_command_lists_and_fetches(server, capsys, monkeypatch):
    assert main(["models"]) == 0
    assert "seam models fetch mine" in capsys.readouterr().out
    assert main(["models", "fetch", "mine"]) == 0
    assert "net.h5" in capsys.readouterr().out
    publish(monkeypatch, server, name="other.h5", url="http://127.0.0.1:9/x")
    assert main(["models", "fetch", "mine"]) == 2
    assert "cannot be reached" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["basset", "basenji2"])
def test_published_weights_are_those_of_a_family(name):
    (file,) = models.MODELS[name].files
    assert file.name in FAMILIES.get(name).model
    assert f"seam models fetch {name}" in FAMILIES.get(name).get
