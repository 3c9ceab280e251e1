"""The same files in an S3-compatible store: a real server on this machine, real requests."""

import boto3
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from moto.server import ThreadedMotoServer

from assessments.actions.files import clear_orphans
from assessments.models import Evidence
from tests.assessments.pages import problems, text
from tests.made_files import good_files, pdf

BUCKET = "evidence-of-tests"
pytestmark = pytest.mark.filterwarnings("ignore:.*utcnow.*:DeprecationWarning")


@pytest.fixture(scope="module")
def server():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def options(endpoint):
    """As settings.py makes them from the environment."""
    return {
        "bucket_name": BUCKET, "endpoint_url": endpoint, "region_name": "us-east-1",
        "access_key": "key", "secret_key": "secret", "addressing_style": "path",
        "default_acl": None, "file_overwrite": False, "max_memory_size": 2 * 1024 * 1024,
    }  # fmt: skip


@pytest.fixture
def bucket(server, settings):
    made = boto3.resource(
        "s3", endpoint_url=server, aws_access_key_id="key", aws_secret_access_key="secret",
        region_name="us-east-1",
    ).create_bucket(Bucket=BUCKET)  # fmt: skip
    use(settings, server)
    yield made
    made.objects.all().delete()


def use(settings, endpoint):
    settings.STORAGES = {
        **settings.STORAGES,
        "evidence": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": options(endpoint),
        },
    }


def send(partnership, content, name):
    return partnership.client("health").post(
        reverse("assessments:add-to-library", args=[partnership.area.dfe_code]),
        {
            "title": "Board minutes", "kind": "minutes", "shows": "Who came.",
            "owner": partnership.partners["health"].pk, "file": SimpleUploadedFile(name, content),
        },
    )  # fmt: skip


def file_url(item):
    return reverse("assessments:evidence-file", args=[item.area.dfe_code, item.pk])


def test_a_file_goes_to_the_bucket_and_comes_back_through_the_view(partnership, bucket):
    for file in good_files().values():
        assert send(partnership, file.content, file.name).status_code == 302
        item = Evidence.objects.latest("pk")
        given = partnership.client("schools").get(file_url(item))
        assert b"".join(given.streaming_content) == file.content
        assert given["Content-Disposition"].startswith("attachment; filename")
        assert given["Content-Length"] == str(len(file.content))
    keys = {row.key for row in bucket.objects.all()}
    assert keys == set(Evidence.objects.values_list("stored_as", flat=True))


def test_a_large_file_comes_back_whole(partnership, bucket):
    whole = pdf()
    large = whole[:9] + b"%" + b" " * (12 * 1024 * 1024) + b"\n" + whole[9:]
    assert send(partnership, large, "Large.pdf").status_code == 302
    given = partnership.client("schools").get(file_url(Evidence.objects.get()))
    assert b"".join(given.streaming_content) == large


def test_a_file_that_left_the_bucket_is_said_on_a_page(partnership, bucket):
    send(partnership, pdf(), "Minutes.pdf")
    bucket.objects.all().delete()
    response = partnership.client("schools").get(file_url(Evidence.objects.get()))
    assert response.status_code == 404
    assert "Minutes.pdf is not where the portal keeps its files." in text(response)


def test_a_bucket_that_is_gone_is_said_beside_the_file_and_on_a_page(partnership, bucket, settings):
    send(partnership, pdf(), "Minutes.pdf")
    use(settings, "http://127.0.0.1:9")
    response = send(partnership, pdf(), "Minutes.pdf")
    assert problems(response) == ["The file could not be saved just now. Try again later."]
    response = partnership.client("schools").get(file_url(Evidence.objects.get()))
    assert response.status_code == 503


def test_orphans_in_a_bucket_stay_for_a_day(partnership, bucket):
    storages["evidence"].save("orphan", ContentFile(b"x"))
    assert clear_orphans() == 0
    assert [row.key for row in bucket.objects.all()] == ["orphan"]
