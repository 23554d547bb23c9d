"""Names that the guarded run refuses: the machinery that decides a mark, and every way that leads to it.

Both sides read these lists. The trusted side rewrites a learner's cells so that each use of a listed name asks the
guard; inside the sandbox the guard looks at the value itself and refuses machinery only, so that a column called
`events` or a method called `register` stays what it is.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection

GUARD = "__isomo__"
"""The name under which rewritten cells find the guard."""

REFUSED_MODULES = frozenset(
    """ctypes builtins code codeop imp zipimport pkgutil runpy marshal mmap faulthandler bdb pdb trace
    profile linecache ipykernel traitlets jupyter_client jupyter_core comm zmq tornado graders cffi numba
    cython pyximport debugpy pydevd posix nt pty fcntl site sitecustomize usercustomize symtable
    opcode pickletools xdrlib multiprocessing.reduction multiprocessing.connection multiprocessing.resource_sharer
    multiprocessing.shared_memory importlib.util importlib.machinery importlib.abc importlib.resources
    IPython.core IPython.terminal IPython.utils IPython.testing IPython.lib.pretty IPython.extensions
    concurrent.interpreters stack_data executing pure_eval asttokens pydoc logging.config xmlrpc
    multiprocessing.managers multiprocessing.util multiprocessing.spawn multiprocessing.forkserver
    multiprocessing.popen_fork multiprocessing.popen_spawn_posix multiprocessing.popen_forkserver
    multiprocessing.resource_tracker multiprocessing.heap pandas.core.computation""".split()
)
FRIENDLY_MODULES = frozenset(
    """numpy pandas sklearn matplotlib mpl_toolkits scipy seaborn plotly ipywidgets anywidget labs IPython google kaggle
    torch torchvision tensorflow keras statsmodels sympy networkx nltk spacy gensim requests urllib3 bs4 lxml openpyxl
    xlrd xlsxwriter yaml tqdm PIL cv2 skimage polars pyarrow geopandas shapely folium altair bokeh holoviews panel
    tabulate
    joblib threadpoolctl dateutil pytz tzdata cycler packaging psutil typing_extensions wordcloud xgboost lightgbm
    catboost imblearn pingouin lifelines textblob transformers datasets emoji colorama termcolor termios_ qrcode
    matplotlib_inline sqlalchemy psycopg2 pymysql duckdb dask xarray numba_ patsy mplfinance yfinance""".split()
)
"""Packages of courses that may be imported if they are installed. What others can do, nobody has looked at."""

PLAIN_BUILTINS = frozenset(
    """abs all any ascii bin bool bytearray bytes callable chr classmethod complex dict divmod enumerate filter float
    format frozenset hash hex id input int isinstance issubclass iter len list map max min next object oct open ord pow
    print property range repr reversed round set slice sorted staticmethod str sum super tuple zip""".split()
)
"""Names of `builtins` that a cell may ask of it, as after it used such a name for something else by mistake."""

STAND_INS = {
    "builtins": PLAIN_BUILTINS,
    "linecache": frozenset({"getline", "getlines", "checkcache", "clearcache"}),
    "importlib.util": frozenset({"find_spec"}),
    "IPython.utils.capture": frozenset({"capture_output"}),
    "functools": frozenset({"update_wrapper"}),
    "logging.config": frozenset({"dictConfig", "fileConfig"}),
    "types": frozenset({"MethodType"}),
    "asyncio": frozenset({"current_task"}),
    "numpy.lib.stride_tricks": frozenset({"as_strided"}),
    "IPython.core.magic": frozenset(
        {"register_line_magic", "register_cell_magic", "register_line_cell_magic"}
    ),
    "pandas.api.extensions": frozenset(
        {"register_dataframe_accessor", "register_series_accessor", "register_index_accessor"}
    ),
}
"""Names of refused modules that ordinary cells use, and for which a rewritten cell gets a stand-in."""

WHOLE_STAND_INS = frozenset({"builtins", "linecache"})
"""Refused modules of which a cell that imports them gets a stand-in."""

FRIENDLY_PARTS = frozenset("IPython.core.display IPython.get_ipython IPython.version_info".split())

SEALED_NAMES = {
    "os": """write writev pwrite pwritev sendfile splice fdopen dup dup2 dup3 set_inheritable openpty posix_spawn
        posix_spawnp readv read pread preadv kill killpg register_at_fork memfd_create eventfd pidfd_open _exit
        set_blocking copy_file_range tcsetpgrp login_tty forkpty ftruncate closerange lseek""",
    "sys": """_getframe _current_frames _current_exceptions settrace setprofile addaudithook last_traceback meta_path
        path_hooks displayhook excepthook gettrace getprofile set_asyncgen_hooks call_tracing monitoring
        breakpointhook unraisablehook last_exc _getframemodulename set_coroutine_origin_tracking_depth audit
        path_importer_cache setswitchinterval activate_stack_trampoline __displayhook__ __excepthook__""",
    "inspect": """currentframe stack trace getframeinfo getouterframes getinnerframes getmembers_static
        getattr_static getclosurevars getgeneratorlocals getcoroutinelocals unwrap classify_class_attrs linecache""",
    "gc": "get_objects get_referrers get_referents callbacks get_stats set_debug freeze unfreeze garbage",
    "types": "FunctionType CodeType LambdaType FrameType TracebackType CellType ModuleType new_class "
    "prepare_class resolve_bases MethodType DynamicClassAttribute coroutine GenericAlias",
    "traceback": "extract_stack format_stack print_stack walk_stack walk_tb StackSummary FrameSummary "
    "TracebackException",
    "importlib": "__import__ util machinery abc resources _bootstrap _bootstrap_external invalidate_caches",
    "io": "FileIO BufferedWriter BufferedReader BufferedRandom open_code",
    "socket": "socket fromfd socketpair create_server create_connection SocketType recv_fds send_fds close dup _socket",
    "yaml": "Loader UnsafeLoader FullLoader unsafe_load full_load unsafe_load_all full_load_all",
    "string": "Formatter",
    "tracemalloc": "take_snapshot get_object_traceback Snapshot Traceback Trace Filter",
    "rlcompleter": "Completer",
    "dataclasses": "make_dataclass",
    "signal": "pthread_kill raise_signal set_wakeup_fd siginterrupt",
    "threading": "settrace setprofile settrace_all_threads setprofile_all_threads excepthook _shutdown",
    "asyncio": "set_event_loop all_tasks current_task",
    "warnings": "showwarning _showwarnmsg formatwarning",
    "logging": "StrFormatStyle currentframe",
}
SEALED = {module: frozenset(names.split()) for module, names in SEALED_NAMES.items()}

FREE_METHODS = frozenset(
    """__init__ __post_init__ __new__ __call__ __iter__ __next__ __enter__ __exit__ __aenter__ __aexit__ __aiter__
    __anext__ __len__ __getitem__ __setitem__ __delitem__ __hash__ __init_subclass__ __set_name__ __get__ __set__
    __delete__ __missing__ __reversed__ __await__ __class_getitem__ __slots__ __match_args__ __doc__ __annotations__
    __name__ __qualname__ __module__ __version__ __all__ __author__ __subclasshook__ __del__ __copy__ __deepcopy__
    __reduce__ __reduce_ex__ __getstate__ __setstate__ __getnewargs__ __getnewargs_ex__ __length_hint__""".split()
)
"""Special methods that answer no comparison: a test that calls one gets what the learner's code computed."""

VERDICTS = frozenset(
    """equals all any startswith endswith issubset issuperset isdisjoint is_integer isdigit isalpha isalnum isnumeric
    isdecimal isupper islower istitle isspace isidentifier""".split()
)
"""Ordinary methods by which tests ask values for a yes or no."""

ANSWERS = VERDICTS | frozenset(
    """mean item sum std var median prod nunique tolist to_list to_numpy to_dict isin compare eq ne lt le gt ge
    isna isnull notna notnull duplicated allclose corr""".split()
)
"""Ordinary methods by which tests compute with texts, sets, tables and arrays."""

MOCK_ANSWERS = frozenset(
    """return_value side_effect called call_count call_args call_args_list mock_calls method_calls await_count
    await_args await_args_list""".split()
)
"""Attributes of a mock by which it is told its answers, or in which it counts for a test."""

MOCK_METHODS = frozenset({"configure_mock", "attach_mock", "reset_mock", "mock_add_spec"})

READABLE = frozenset(
    """__name__ __qualname__ __doc__ __module__ __version__ __class__ __file__ __annotations__ __all__ __path__
    __init__ __post_init__ __len__ __iter__ __next__ __call__ __str__ __repr__ __eq__ __ne__ __lt__
    __le__ __gt__ __ge__ __add__ __radd__ __iadd__ __sub__ __rsub__ __mul__ __rmul__ __truediv__ __floordiv__ __mod__
    __pow__ __neg__ __pos__ __abs__ __matmul__ __and__ __or__ __xor__ __invert__ __contains__ __getitem__ __setitem__
    __delitem__ __hash__ __bool__ __int__ __float__ __index__ __format__ __sizeof__ __new__ __init_subclass__
    __set_name__ __aiter__ __anext__ __await__ __missing__ __reversed__ __round__ __floor__
    __ceil__ __trunc__ __divmod__ __cause__ __context__ __suppress_context__ __notes__ __members__ __match_args__
    __slots__ __dataclass_fields__ __fields__ __typename__ __total__ __array__ __wrapped__""".split()
)
"""Special names that may be read of anything: none leads to a frame, a namespace or the code of a function."""

OF_CODE = frozenset(
    """co_freevars co_cellvars co_varnames co_argcount co_kwonlyargcount co_posonlyargcount co_name co_qualname
    co_firstlineno co_nlocals co_flags co_names""".split()
)
"""Facts about a function's code, which lead nowhere."""

OF_FUNCTIONS = frozenset("__closure__ __code__ __defaults__ __kwdefaults__".split())
"""Special names that may be read of the learner's own functions."""

NAMES_OF_FUNCTIONS = frozenset("__name__ __doc__ __qualname__ __wrapped__ __annotations__".split())
"""Special names that may be set on any function."""

FAMILIES = ("__eq__ __ne__", "__lt__ __le__ __gt__ __ge__")
"""Special methods of which a teacher's solution has one, and learners another."""

OWN_ONLY = frozenset(
    """__dict__ __mro__ __bases__ __base__ __func__ __self__ __setattr__ __delattr__ __enter__ __exit__ __aenter__
    __aexit__ __subclasses__""".split()
)
"""Special names that may be read of the learner's own classes and objects."""

FRAMES = frozenset(
    """f_back f_globals f_locals f_builtins f_code f_trace tb_frame tb_next gi_frame gi_code cr_frame cr_code ag_frame
    ag_code
    get_stack print_stack get_coro findCaller co_code co_consts co_names func_globals func_code func_closure
    cell_contents""".split()
)
"""Attributes of frames, tracebacks, generators and code objects."""

SHELL = frozenset(
    """run_cell run_cell_async run_code run_ast_nodes ast_transformers input_transformers_cleanup
    input_transformers_post input_transformer_manager events showtraceback user_ns user_global_ns displayhook
    display_formatter display_pub kernel compile history_manager magics_manager register_magic_function
    extension_manager
    set_hook hooks instance initialized InteractiveShell Application embed start_ipython start_kernel embed_kernel
    extract_module_locals payload_manager custom_exceptions set_custom_exc""".split()
)
MEMORY = frozenset(
    """__array_interface__ __array_struct__ __cuda_array_interface__ __dataframe__ __arrow_c_array__
    __arrow_c_stream__""".split()
)
"""Special names by which libraries take an address from an object, and read or write memory there."""

META = frozenset("type ABCMeta EnumMeta EnumType".split())
MAKERS = frozenset(
    """ForwardRef update_wrapper get_field register_dataframe_accessor
    register_series_accessor register_index_accessor seterrcall view_as_code open_memmap get_overloads as_strided
    DataSource call_tracing""".split()
)
"""Library functions that set names on, or make, what a test relies on."""

ASKED = frozenset(
    """register format format_map query eval modules add_reader remove_reader add_writer remove_writer sock_recv
    sock_sendall sock_accept connect_read_pipe connect_write_pipe all_tasks current_task set_task_factory get_loop
    call_soon_threadsafe pass_fds preexec_fn close_fds getattr setattr delattr hasattr attrgetter methodcaller vars
    globals locals exec __import__ get_ipython switch_backend import_module load_module exec_module find_spec
    read_pickle test mro get_objects patch util reduction connection resource_sharer managers spawnv_passfds locate
    resolve_dotted_attribute resolve_name config ABCMeta EnumMeta EnumType getmembers getmodule
    setrecursionlimit from_custom_template""".split()
)
STDLIB_INSIDE = frozenset(
    """os sys builtins gc inspect importlib subprocess ctypes socket types threading traceback linecache pickle
    operator warnings weakref pydoc code dis io codecs logging""".split()
)
"""Modules that libraries import, and that can be reached through them."""

INTERESTING = (
    FRAMES
    | SHELL
    | MAKERS
    | ASKED
    | STDLIB_INSIDE
    | frozenset().union(*SEALED.values())
    | frozenset({"core", "_libs"})
    | frozenset(name.rpartition(".")[2] for name in REFUSED_MODULES)
)
"""Attributes for which a rewritten cell asks the guard, besides every name that begins with `_`."""

GUARDED_NAMES = frozenset(
    """getattr setattr delattr hasattr vars globals locals __import__ get_ipython breakpoint type attrgetter
    methodcaller ABCMeta EnumMeta EnumType make_dataclass update_wrapper Formatter In _ih _i _ii _iii
    __builtins__ __loader__ __spec__""".split()
)
NUMBERED_INPUT = re.compile(r"_i\d+")

CODE_MAGICS = frozenset("time timeit prun capture memit mprun lprun".split())
"""Magics whose text is Python, run next to the cell."""

REFUSED_MAGICS = frozenset(
    """recall rerun rep macro save notebook edit ed pastebin load loadpy pdb debug tb alias_magic psource pfile
    pinfo2 logstart logon""".split()
)
HISTORY_MAGICS = frozenset("history hist".split())
"""Magics that show the cells so far; refused while a test runs, which is one of them."""

STANDARD = frozenset(sys.stdlib_module_names)
SYSTEM_PATHS = ("/proc", "/sys", "/dev")
HARMLESS_PATHS = (
    "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random", "/dev/shm", "/dev/pts", "/dev/tty", "/proc/cpuinfo",
    "/proc/meminfo", "/proc/stat", "/proc/uptime", "/proc/version", "/proc/loadavg", "/sys/devices/system/cpu",
    "/sys/fs/cgroup",
)  # fmt: skip


def allowed_less(names: Collection[str], trusted: Collection[str]) -> frozenset[str]:
    """Return the names of `names` that the teacher's own notebook neither defines nor uses."""
    return frozenset(name for name in names if not {f"defines {name}", f"uses {name}"}.intersection(trusted))


def is_refused_module(name: str) -> bool:
    """Return whether importing `name` would lead to machinery."""
    parts = name.split(".")
    if name in FRIENDLY_PARTS:
        return False
    if parts[0].startswith("_") and parts[0] != "__future__":
        return True
    if parts[0] == "IPython":
        return parts[:2] not in (["IPython"], ["IPython", "display"], ["IPython", "lib"])
    return any(".".join(parts[:count]) in REFUSED_MODULES for count in range(1, len(parts) + 1))


def is_known_module(name: str) -> bool:
    """Return whether what the package of `name` can do is known."""
    top = name.partition(".")[0]
    return top in STANDARD or top in FRIENDLY_MODULES


def has_stand_in(module: str, name: str) -> bool:
    """Return whether a rewritten cell gets a stand-in for `name` of a refused module."""
    return name in STAND_INS.get(module, ())


def is_sealed(module: str, name: str) -> bool:
    """Return whether `name` of `module` is refused."""
    return name in SEALED.get(module, ()) or name in MAKERS


def is_answering(name: str) -> bool:
    """Return whether a method answers comparisons, sums or conversions."""
    special = name.startswith("__") and name.endswith("__")
    return name in ANSWERS or (special and name not in FREE_METHODS)


def is_harmless_path(path: str) -> bool:
    """Return whether a system path tells nothing of the grading."""
    return path.startswith(HARMLESS_PATHS)


def is_interesting(name: str) -> bool:
    """Return whether a rewritten cell asks the guard for the attribute `name`."""
    return name in INTERESTING or (name.startswith("_") and name not in ("__init__", "__name__", "__doc__"))
