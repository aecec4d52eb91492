"""What Schemathesis must be told about the services beyond their documents."""

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    """Sends no If-Match in place of a zero, which this version means to fit a pattern of quoted numbers."""
    if case.headers and case.headers.get("If-Match") == "0":
        del case.headers["If-Match"]
