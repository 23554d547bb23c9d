"""Scopes of a person's own tokens: which route of the API asks for which, and who can give which."""

from __future__ import annotations

from collections.abc import Collection

from hub.message_catalogues import N_

SCOPES = {
    "people:read": N_("Read people, courses, classes and rosters"),
    "people:write": N_("Change people, courses and classes; import rosters"),
    "links:write": N_("Make sign-in links and slips"),
    "people:erase": N_("Erase people"),
    "marks:read": N_("Read labs, handed-in work, marks and feedback"),
    "marks:write": N_("Give marks, answer appeals, have work graded again, sign marks off"),
    "teaching:write": N_("Release and close labs, set times, return feedback, write to learners"),
    "reports:read": N_("Read figures of an institution, certificates and records"),
    "certificates:write": N_("Issue and revoke certificates"),
    "projects:read": N_("Read projects of data teams"),
    "projects:write": N_("Make projects, change who takes part, switch applications off and on"),
    "audit:read": N_("Read what was done"),
    "system:write": N_("Show an announcement to everybody"),
}
OF_PROJECTS = ("projects:read", "projects:write")
OF_ADMINISTRATORS = (
    *("people:read", "people:write", "links:write", "people:erase"),
    *("audit:read", "system:write"),
)
OF_TRAINERS = tuple(
    name for name in SCOPES if name not in ("people:erase", "audit:read", "system:write", *OF_PROJECTS)
)
OF_COORDINATORS = ("reports:read",)

SCOPE_LINE = "\n\nScope of a token: "
"""How the description of the API names a route's scope, after what the route does."""
ANY_TOKEN = ""
"""Scope of routes that tell a program about itself."""
NO_TOKEN = None
"""Scope of routes that only a person at a browser or a notebook server may call, such as handing in."""
_COURSE, _LAB = "/courses/{course}", "/courses/{course}/labs/{lab}"
ROUTES: dict[str, str | None] = {
    "GET /me": ANY_TOKEN,
    "PUT /me/live": NO_TOKEN,
    "GET /me/mails": ANY_TOKEN,
    "PUT /me/mails": NO_TOKEN,
    "POST /me/notes/{number}/read": NO_TOKEN,
    "GET /token": ANY_TOKEN,
    "DELETE /token": ANY_TOKEN,
    "GET /keys": ANY_TOKEN,
    # People and classes.
    "GET /people": "people:read",
    "GET /people/{name}": "people:read",
    "PUT /people/{name}": "people:write",
    "PUT /people/{name}/closed": "people:write",
    "POST /people/{name}/link": "links:write",
    "POST /people/{name}/erasure": "people:erase",
    "GET /roster": "people:read",
    "POST /roster": "people:write",
    "GET /institutions": "people:read",
    "PUT /institutions/{name}": "people:write",
    "GET /courses/all": "people:read",
    f"PUT {_COURSE}/settings": "people:write",
    f"GET {_COURSE}/classes": "people:read",
    f"POST {_COURSE}/classes": "people:write",
    f"PATCH {_COURSE}/classes/{{number}}": "people:write",
    f"GET {_COURSE}/people": "people:read",
    f"PUT {_COURSE}/people/{{name}}": "people:write",
    f"DELETE {_COURSE}/people/{{name}}": "people:write",
    f"POST {_COURSE}/people/{{name}}/move": "people:write",
    f"POST {_COURSE}/people/{{name}}/link": "links:write",
    f"POST {_COURSE}/classes/{{number}}/slips": "links:write",
    f"GET {_COURSE}/classes/{{number}}/times": "people:read",
    f"PUT {_COURSE}/classes/{{number}}/times": "people:write",
    # Work and marks.
    f"GET {_COURSE}/labs": "marks:read",
    f"GET {_LAB}/bundle": "marks:read",
    f"GET {_LAB}/attempts": "marks:read",
    f"POST {_LAB}/attempts": NO_TOKEN,
    f"GET {_LAB}/progress": "marks:read",
    f"GET {_LAB}/events": "marks:read",
    "GET /attempts/{receipt}": "marks:read",
    "GET /attempts/{receipt}/files": "marks:read",
    "GET /attempts/{receipt}/feedback": "marks:read",
    "GET /attempts/{receipt}/notebook": "marks:read",
    "GET /receipts/{receipt}": "marks:read",
    f"GET {_COURSE}/gradebook": "marks:read",
    f"GET {_COURSE}/marks": "marks:read",
    f"GET {_COURSE}/marks/file.{{kind}}": "marks:read",
    f"PUT {_COURSE}/marks/final": "marks:write",
    f"DELETE {_COURSE}/marks/final": "marks:write",
    "POST /attempts/{receipt}/marks": "marks:write",
    f"POST {_LAB}/gradings": "marks:write",
    f"GET {_LAB}/regrade": "marks:read",
    f"POST {_LAB}/regrade": "marks:write",
    f"PUT {_LAB}/regrade": "marks:write",
    f"DELETE {_LAB}/regrade/{{number}}": "marks:write",
    "POST /attempts/{receipt}/appeals": NO_TOKEN,
    "GET /attempts/{receipt}/appeals": "marks:read",
    f"GET {_COURSE}/appeals": "marks:read",
    f"PUT {_COURSE}/appeals/{{number}}": "marks:write",
    "PUT /attempts/{receipt}/flags/{task}": "marks:write",
    "POST /attempts/{receipt}/in-time": "marks:write",
    f"GET {_LAB}/second-marks/{{task}}": "marks:read",
    "PUT /attempts/{receipt}/second-marks/{task}": "marks:write",
    # Teaching.
    f"PUT {_LAB}/release": "teaching:write",
    f"DELETE {_LAB}/release": "teaching:write",
    f"GET {_COURSE}/drafts": "marks:read",
    f"GET {_COURSE}/drafts/{{lab}}": "marks:read",
    f"PUT {_COURSE}/drafts/{{lab}}": "teaching:write",
    f"DELETE {_COURSE}/drafts/{{lab}}": "teaching:write",
    f"GET {_COURSE}/drafts/{{lab}}/files": "marks:read",
    f"POST {_COURSE}/drafts/{{lab}}/checks": "teaching:write",
    f"PUT {_COURSE}/drafts/{{lab}}/release": "teaching:write",
    f"PUT {_LAB}/name": "teaching:write",
    f"PUT {_LAB}/withdrawal": "teaching:write",
    f"DELETE {_LAB}/withdrawal": "teaching:write",
    f"GET {_LAB}/schedule": "marks:read",
    f"PUT {_LAB}/schedule": "teaching:write",
    f"PUT {_LAB}/schedule/classes/{{number}}": "teaching:write",
    f"GET {_LAB}/extensions": "marks:read",
    f"PUT {_LAB}/extensions/{{learner}}": "teaching:write",
    f"DELETE {_LAB}/extensions/{{learner}}": "teaching:write",
    f"PUT {_COURSE}/people/{{name}}/extra-time": "teaching:write",
    f"PUT {_LAB}/feedback": "teaching:write",
    f"POST {_LAB}/notes": "teaching:write",
    f"PUT {_LAB}/feedback/{{learner}}": "teaching:write",
    f"POST {_LAB}/live": NO_TOKEN,
    f"GET {_COURSE}/classes/{{number}}/live": "marks:read",
    f"GET {_COURSE}/classes/{{number}}/live/events": "marks:read",
    f"POST {_COURSE}/classes/{{number}}/live/messages": "teaching:write",
    # Reports.
    "GET /reports": "reports:read",
    "GET /reports/{course}": "reports:read",
    "GET /reports/{course}/file.csv": "reports:read",
    f"GET {_COURSE}/xapi/statements": "reports:read",
    f"GET {_COURSE}/certificates": "reports:read",
    f"POST {_COURSE}/certificates": "certificates:write",
    f"GET {_COURSE}/certificates/rule": "reports:read",
    f"PUT {_COURSE}/certificates/rule": "certificates:write",
    "DELETE /certificates/{code}": "certificates:write",
    "POST /certificates/{code}/replacement": "certificates:write",
    # Projects.
    "GET /projects": "projects:read",
    "POST /projects": "projects:write",
    "GET /projects/{name}": "projects:read",
    "PUT /projects/{name}/people/{username}/{part}": "projects:write",
    "DELETE /projects/{name}/people/{username}/{part}": "projects:write",
    "PUT /projects/{name}/switch": "projects:write",
    # The installation.
    "GET /audit": "audit:read",
    "GET /announcement": ANY_TOKEN,
    "PUT /announcement": "system:write",
    "DELETE /announcement": "system:write",
    "GET /packages/simple/{name}/": NO_TOKEN,
    "GET /packages/files/{place}/{path}": NO_TOKEN,
}
"""Method and path of each route below the API's own address. A route that is missing here takes no token."""


def scope_for(method: str, path: str) -> str | None:
    """Return the scope that a route asks for: ANY_TOKEN for none in particular, NO_TOKEN if tokens are refused."""
    return ROUTES.get(f"{'GET' if method == 'HEAD' else method} {path.replace(':path}', '}')}", NO_TOKEN)


def scopes_open_to(
    *, administers: bool, teaches: bool, coordinates: bool, sees_projects: bool = False
) -> list[str]:
    """Return the scopes that are of use to a person, in the order of SCOPES; none for a learner."""
    groups: tuple[tuple[bool, Collection[str]], ...] = (
        (administers, OF_ADMINISTRATORS),
        (teaches, OF_TRAINERS),
        (coordinates, OF_COORDINATORS),
        (sees_projects, OF_PROJECTS),
    )
    open_ones = {name for applies, names in groups if applies for name in names}
    return [name for name in SCOPES if name in open_ones]
