"""nbgrader in a formgrader's container: one course, over the campus, and nothing runs."""

import os

from graders.nbgrader import exchange

c = get_config()  # noqa: F821 - traitlets puts it there
exchange.install_exchange(c)
c.ExchangeFactory.collect = "graders.nbgrader.formgrader.campus_buttons.SyncedCollect"
c.CourseDirectory.root = os.path.join(os.getcwd(), "course")  # noqa: PTH109, PTH118
c.CourseDirectory.course_id = os.environ["ISOMO_COURSE"]
# Every graded submission has its notebook: nobody need look for ten thousand files.
c.ExchangeSubmit.strict = True
c.FormgradeExtension.debug = False
