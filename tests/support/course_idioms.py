"""Answers of learners of real courses, as tasks for generated submissions, in two notebooks.

Each task has the teacher's answer, its test, and other answers: right, wrong and odd.
"""

from __future__ import annotations

Tasks = dict[str, tuple[str, str, tuple[str, ...]]]

HELPER = "STEP = 1\n\n\ndef increase(value):\n    return value + STEP\n"
OTHER_HELPER = HELPER.replace("STEP = 1", "STEP = 2")
PLOT = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\nplt.show()"
AREA = 'def area(x):\n    """Area of a square."""\n    return x * x'

SHELL: Tasks = {
    "lines": (
        "words = !echo umwe kabiri\nwords = words[0].split()",
        "assert list(words) == ['umwe', 'kabiri']",
        (
            "!echo umwe kabiri\nwords = ['umwe', 'kabiri']",
            "%%bash\necho umwe kabiri",
            "%%bash --out words\necho umwe kabiri",
            "%sx echo umwe\nwords = _",
            "import subprocess\nwords = subprocess.run(['echo', 'umwe', 'kabiri'], capture_output=True, text=True).stdout.split()",
            "words = get_ipython().getoutput('echo umwe kabiri')[0].split()",
            "import os\nwords = os.popen('echo umwe kabiri').read().split()",
            "name = 'kabiri'\nwords = !echo umwe {name}\nwords = words.s.split()",
            "!exit 3\nprint(_exit_code)\nwords = ['umwe', 'kabiri']",
            "%%sh\ncat there-is-no-such-file",
            "!echo red >&2\nwords = ['umwe', 'kabiri']",
        ),
    ),
    "help": (
        f"{AREA}\narea?",
        "assert area(3) == 9\nassert 'square' in area.__doc__",
        (
            f"{AREA}\narea??",
            f"?len\n{AREA}",
            f"{AREA}\nhelp(area)",
            f"{AREA}\n%pinfo area\n%pdoc len",
            "nothing?\ndef area(x): return x ** 2",
            f"import numpy as np\nnp.mean?\n{AREA}",
        ),
    ),
    "backend": (
        f"%matplotlib inline\n{PLOT}",
        "assert len(ax.lines) == 1",
        (
            f"%matplotlib agg\n{PLOT}",
            f"%matplotlib notebook\n{PLOT}",
            f"%matplotlib widget\n{PLOT}",
            f"%matplotlib nosuchthing\n{PLOT}",
            f"%matplotlib\n{PLOT}",
            f"import matplotlib\nmatplotlib.use('Agg')\n{PLOT}",
            f"%config InlineBackend.figure_format = 'svg'\n{PLOT}",
            f"{PLOT}\nplt.savefig('p.png')\nfig",
            "import matplotlib.pyplot as plt\nplt.plot([1], [2])\nax = plt.gca()\nplt.close('all')",
        ),
    ),
    "settings": (
        "%env LESSON=3\nimport os\nlesson = os.environ['LESSON']",
        "assert lesson == '3'",
        (
            "%set_env LESSON=3\nlesson = %env LESSON",
            "%load_ext autoreload\n%autoreload 2\nlesson = '3'",
            "%precision 2\nlesson = 1 / 3\nlesson",
            "%xmode Plain\nlesson = '3'",
            "%cd ..\nlesson = '3'",
            "%config InteractiveShell.ast_node_interactivity = 'all'\nlesson = '3'\n1\n2",
            "%pylab inline\nlesson = '3'",
            "%reset -f\nlesson = '3'",
            "%load_ext nothing_like_it\nlesson = '3'",
            "%who\n%whos\n%lsmagic\nlesson = '3'",
            "%%html\n<b>3</b>",
        ),
    ),
    "written": (
        "%%writefile tools.py\ndef half(x):\n    return x / 2",
        "import tools\nassert tools.half(4) == 2",
        (
            "%%writefile tools.py\ndef half(x):\n    return x // 3",
            "%%file tools.py\ndef half(x): return x / 2",
            "open('tools.py', 'w').write('half = lambda x: x / 2')",
            "%%writefile other.py\nx = 1",
            "import types\nclass tools: half = staticmethod(lambda x: x / 2)",
        ),
    ),
}

PYTHON: Tasks = {
    "asked": (
        "try:\n    name = input('Your name? ')\nexcept Exception:\n    name = 'Aline'",
        "assert name == 'Aline'",
        (
            "name = input('Your name? ')",
            "try:\n    name = input()\nexcept Exception as error:\n    name = type(error).__name__\n    print(name, error)",
            "import getpass\ntry:\n    getpass.getpass()\nexcept Exception:\n    name = 'Aline'",
            "def ask():\n    return input()\nname = 'Aline'",
            "input = lambda _='': 'Aline'\nname = input()",
        ),
    ),
    "errors": (
        "class TooYoung(Exception):\n    pass\ndef check(age):\n    if age < 18:\n        raise TooYoung(age)\n    return True",
        "assert check(20)\ntry:\n    check(3)\nexcept TooYoung:\n    pass\nelse:\n    raise AssertionError('no error')",
        (
            "class TooYoung(ValueError):\n    def __str__(self):\n        return 'too young'\ndef check(age):\n    assert age < 99\n    if age < 18:\n        raise TooYoung\n    return age",
            "class TooYoung(Exception):\n    def __str__(self):\n        raise KeyError('no text')\nraise TooYoung",
            "class TooYoung(BaseException): pass\ndef check(age):\n    raise TooYoung('all')",
            "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise RuntimeError('again') from error",
            "class TooYoung(Exception): pass\ndef check(age):\n    import sys\n    sys.exit('no')",
            "def check(age):\n    raise KeyboardInterrupt\nTooYoung = KeyboardInterrupt",
            "raise ExceptionGroup('two', [ValueError(1), KeyError(2)])",
        ),
    ),
    "deep": (
        "def depth(n):\n    return 0 if n == 0 else 1 + depth(n - 1)",
        "assert depth(500) == 500",
        (
            "def depth(n):\n    return depth(n + 1)\ntry:\n    depth(0)\nexcept RecursionError:\n    print('too deep')\ndepth = int",
            "def depth(n):\n    return depth(n + 1)",
            "import sys\nsys.setrecursionlimit(3000)\ndef depth(n):\n    return 0 if n == 0 else 1 + depth(n - 1)\ndepth(2000)",
            "class Loop:\n    def __getattr__(self, name):\n        return getattr(self, name + 'x')\ndepth = int\nLoop().a",
        ),
    ),
    "large": (
        "for number in range(2000):\n    print('line', number)\ntotal = 7",
        "assert total == 7",
        (
            "print('x' * 200_000)\ntotal = 7",
            "total = 7\nlist(range(5000))",
            "import sys\nfor n in range(300):\n    print(n, file=sys.stderr)\ntotal = 7",
            "for n in range(100):\n    print(f'\\r{n} %', end='')\ntotal = 7",
            "print('\\x1b[31mred\\x1b[0m', 'Ndagukunda \\U0001f600', '\\ud83d'.encode('utf-8', 'replace'))\ntotal = 7",
            "import numpy as np\ntotal = np.int64(7)\nnp.zeros((400, 400))",
        ),
    ),
    "objects": (
        "from IPython.display import HTML, display\nshown = HTML('<b>1</b>')\ndisplay(shown)",
        "assert shown is not None",
        (
            "from IPython.display import display\nshown = display('0 %', display_id=True)\nshown.update('100 %')",
            "from IPython.display import JSON, Latex, Math, SVG\nshown = Math('x^2')\nshown",
            "class Bad:\n    def _repr_html_(self):\n        raise ValueError('no picture')\nshown = Bad()\nshown",
            "class Own:\n    def __repr__(self):\n        return 'own text'\n    def _repr_mimebundle_(self, **_):\n        return {'text/plain': 'x', 'text/html': '<i>x</i>'}\nshown = Own()\nshown",
            "class Silent:\n    def __repr__(self):\n        return None\nshown = Silent()\nshown",
            "from IPython.display import Javascript, display\ndisplay(Javascript('1'))\nshown = None",
            "from PIL import Image\nshown = Image.new('RGB', (4, 4))\nshown",
        ),
    ),
    "helped": (
        "import helper\nvalue = helper.increase(1)",
        "from helper import increase\nassert value == increase(1) == 2",
        (
            "from helper import *\nvalue = increase(1)",
            "%run helper.py\nvalue = increase(1)",
            "import helper, importlib\nimportlib.reload(helper)\nvalue = helper.increase(1)",
            "import helper\nhelper.STEP = 2\nvalue = helper.increase(1)",
            "import nothelper\nvalue = 2",
            "import sys\nsys.path.append('.')\nimport helper as h\nvalue = h.increase(0) + h.STEP",
            "print(open('helper.py').read())\nvalue = 2",
        ),
    ),
    "sliders": (
        "from ipywidgets import interact\ndef double(x):\n    return 2 * x\ninteract(double, x=(0, 10));",
        "assert double(4) == 8",
        (
            "from ipywidgets import interact\n@interact(x=3)\ndef double(x):\n    print(x)\n    return x + x",
            "from ipywidgets import interactive, fixed\ndef double(x, y=0):\n    return 2 * x\nw = interactive(double, x=5, y=fixed(1))\ndisplay(w)",
            "import ipywidgets as widgets\nb = widgets.Button(description='Go')\nb.on_click(print)\ndisplay(b)\nb.click()\ndouble = lambda x: x",
            "from ipywidgets import interact\ndef double(x):\n    raise ValueError(x)\ninteract(double, x=1)",
        ),
    ),
    "awaited": (
        "import asyncio\nawait asyncio.sleep(0)\nasync def later(x):\n    return x",
        "assert await later(3) == 3",
        (
            "import asyncio\nasync def later(x):\n    await asyncio.sleep(0.01)\n    return x\ntask = asyncio.create_task(later(1))\nprint(await task)",
            "import asyncio\nasync def later(x):\n    return x\nasyncio.run(later(1))",
            "async def later(x):\n    yield x",
            "import asyncio\nasync def later(x):\n    raise asyncio.CancelledError\n",
            "import asyncio\nasync def later(x):\n    await asyncio.wait_for(asyncio.sleep(5), 0.01)",
        ),
    ),
    "shares": (
        "parts = [0.25, 0.75]",
        "2 * sum(part in parts for part in (0.25, 0.75)) / 2",
        (
            "parts = [0.25]",
            "import numpy as np\nparts = np.array([0.25, 0.75])",
            "parts = {0.25: 'a', 0.75: 'b'}",
            "parts = None",
            "import warnings\nwarnings.simplefilter('error')\nparts = (0.75,)",
        ),
    ),
}

NOTEBOOKS: dict[str, Tasks] = {"shell": SHELL, "python": PYTHON}
EXTRA = (
    "!echo mine",
    "%%bash\nls",
    "%timeit -n1 -r1 sum(range(9))",
    "len?",
    "import logging\nlogging.warning('watch out')",
    "import sys\nprint('red', file=sys.stderr)",
    "undefined_name",
    "def broken(:",
    "input('more? ')",
    "%matplotlib inline",
    "from IPython.display import clear_output\nclear_output()",
    "await later(1)",
    "print = print",
    "%%javascript\n1",
    "import warnings\nwarnings.filterwarnings('ignore')",
)
"""Cells of the learner's own, between the tasks."""
