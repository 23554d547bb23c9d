"""Explanations of errors that beginners meet: for each kind, patterns of Python's words and our sentence.

The first pattern that fits is used; its named groups fill the sentence. `SOURCE` looks at the line itself, because of
most lines that cannot be read Python says no more than "invalid syntax".
"""

from __future__ import annotations

from labs.kit.kit_sentences import N_

Rules = tuple[tuple[str, str], ...]

BRACKET_OPEN = N_("In line {line} a bracket is opened and never closed: `{sign}`. Add its partner.")
BRACKET_EXTRA = N_(
    "In line {line} there is a closing bracket too many: `{sign}`. Remove it, or add its partner before."
)
BRACKET_KIND = N_(
    "In line {line} a bracket is opened as `{sign}` and closed as `{other}`. Both have to be of one kind."
)
TEXT_OPEN = N_("In line {line} a text begins and does not end. Add the missing quotation mark.")
DECIMAL_COMMA = N_(
    "In line {line} there is a number that Python cannot read. Write it with a point: 0.06 and not 0,06."
)
LEADING_ZERO = N_("In line {line} a number begins with 0. Write it without the 0: 7 and not 07.")
COLON = N_("At the end of line {line} a colon is missing. Add `:`.")
COMPARE = N_("In line {line} there is one `=` where two are needed: `=` gives a name, `==` compares.")
TURNED = N_("In line {line} the two sides of `=` are the wrong way round. The name comes first: `bar = 0.2`.")
SPACES = N_(
    "Line {line} begins with too many or too few spaces. Put it directly below the line that it belongs to."
)
INDENT = N_(
    "Line {line} has to begin with four spaces, because the line above it ends with a colon. It belongs to that line."
)
TABS = N_("In line {line} spaces and tabs are mixed. Delete them, and write four spaces.")
COMMA = N_("In line {line} a comma is missing between two things.")
PRINT = N_("In line {line} `print` needs brackets: `print(x)`.")
RETURN = N_(
    "In line {line} `return` is outside a function. It has to be below a line with `def`, with four spaces."
)
KEYWORD_FIRST = N_("In line {line} a value without a name comes after one with a name. Put it first.")
REPEATED = N_("In line {line} `{name}` is given twice. Keep one of them.")
CALL_LEFT = N_("In line {line} there is a call left of `=`. Left of it there can be a name only.")
CURLY_QUOTES = N_(
    "In line {line} there are quotation marks as in a book, `{sign}`. Python wants the straight ones of the keyboard."
)
LONG_DASH = N_(
    "In line {line} there is a long dash, `{sign}`. For minus, type the short one of the keyboard: `-`."
)
OTHER_SIGN = N_(
    "In line {line} there is a sign that Python does not know: `{sign}`. Delete it, and type it again."
)
HIDDEN_SIGN = N_(
    "In line {line} there is an invisible sign, copied with the text. Delete the spaces of this line, "
    "and type them again."
)
BACKSLASH = N_(
    "In line {line} there is a `\\` in a text, and Python takes it for the beginning of a special sign. Write the name "
    "of the file alone, or `/` in the place of `\\`."
)
PER_CENT = N_("In line {line} Python does not know `%` as per cent. 6% is written `0.06`.")
NUMBER_AND_WORD = N_(
    "In line {line} there is a word after a number. Write the number alone, without `{word}`."
)
WORD_AND_NUMBER = N_(
    "In line {line} there is a word before a number. Write the number alone, without `{word}`."
)
WORDS_ALONE = N_('In line {line} there are words without quotation marks. A text is written `"like this"`.')
NOTHING_AFTER = N_("In line {line} nothing comes after `=`. Write a value there.")
PLUS_PLUS = N_("In line {line}: Python does not know `{sign}`. To add one, write `x = x + 1`.")
AND_OR = N_("In line {line}: Python does not know `{sign}`. In tables write `&` for and, `|` for or.")
SIGN_ORDER = N_("In line {line} a comparison is turned round: write `>=` and `<=`, with `=` last.")
NOT_SIGN = N_("In line {line}: Python writes “not” as `not`, and in tables as `~`.")
ELSE_IF = N_("In line {line}: Python writes `elif`, in one word.")
ARROW = N_("In line {line}: a name is given with `=`, without an arrow or a colon.")
UNREADABLE = N_(
    "Python cannot read line {line}. Look for a missing bracket, comma or quotation mark, there or just above."
)

SYNTAX: Rules = (
    (r"invalid character '(?P<sign>[“”„«»‘’‚])'", CURLY_QUOTES),
    (r"invalid character '(?P<sign>[–—−])'", LONG_DASH),
    (r"invalid character '(?P<sign>.)'", OTHER_SIGN),
    (r"invalid non-printable character", HIDDEN_SIGN),
    (r"unicodeescape", BACKSLASH),
    (r"'(?P<sign>[(\[{])' was never closed", BRACKET_OPEN),
    (r"closing parenthesis '(?P<other>.)' does not match opening parenthesis '(?P<sign>.)'", BRACKET_KIND),
    (r"unmatched '(?P<sign>[)\]}])'", BRACKET_EXTRA),
    (r"unterminated|EOL while scanning|EOF while scanning", TEXT_OPEN),
    (r"Missing parentheses in call to 'print'", PRINT),
    (r"'return' outside function", RETURN),
    (r"positional argument follows keyword argument", KEYWORD_FIRST),
    (r"keyword argument repeated: (?P<name>\w+)", REPEATED),
    (r"cannot assign to function call", CALL_LEFT),
    (r"expected an indented block", INDENT),
    (r"inconsistent use of tabs|tabs and spaces", TABS),
    (r"indent", SPACES),
)
"""What Python says; these are sure."""

SOURCE: Rules = (
    (r"=\s*$", NOTHING_AFTER),
    (r"\d\s*%\s*$", PER_CENT),
    (r"^\s*else\s+if\b", ELSE_IF),
    (r"(?P<sign>\+\+|--)\s*$", PLUS_PLUS),
    (r"(?P<sign>&&|\|\|)", AND_OR),
    (r"=>|=<", SIGN_ORDER),
    (r"(^|[\s(=\[])!(?!=)", NOT_SIGN),
    (r"^\s*\w+\s*(:=|<-)", ARROW),
    (r"^\s*[\d.]+\s*=(?!=)", TURNED),
    (r"=\s*-?[\d.,]+\s*(?P<word>[^\W\d_]+)\s*$", NUMBER_AND_WORD),
    (r"=\s*(?P<word>[^\W\d_]+)\s+-?[\d.,]+\s*$", WORD_AND_NUMBER),
    (r"^\s*\w+\s*=\s*[^\W\d]\w*(\s+[\w’']+)+\s*$", WORDS_ALONE),
    (r"=\s*0\d*,\d", DECIMAL_COMMA),
    (r"(^|[^\d.\w])0\d+", LEADING_ZERO),
)
"""What the line looks like."""

SYNTAX_AFTER: Rules = (
    (r"expected ':'", COLON),
    (r"cannot assign to literal", TURNED),
    (r"Maybe you meant '=='|cannot assign to .* here", COMPARE),
    (r"Perhaps you forgot a comma", COMMA),
    (r"leading zeros in decimal integer|invalid decimal literal", DECIMAL_COMMA),
)
"""What Python guesses, if the line told nothing."""

DIVIDED = N_("Here something is divided by zero. Look which number below the line is 0, and why.")
NOTHING = N_(
    "Here something is used that is still empty (`None`). Did a cell above that fills it run to its end?"
)
TEXT_AND_NUMBER = N_(
    "Here a text and a number are joined by `+` or another sign. Turn the number into a text with `str(…)`, "
    "or take the quotation marks of the number away."
)
TEXT_MINUS = N_("Here one computes with texts. A number is written without quotation marks.")
COMPARED = N_("Here a text is compared with a number. A number is written without quotation marks.")
COMMA_NUMBER = N_(
    "Here a number has a comma in it, so Python takes it for two numbers. Write 0.06 and not 0,06; 1200 and not 1,200."
)
CALLED_NUMBER = N_(
    "Here brackets come right after a number or a text. Is a sign missing, for example `*` or a comma?"
)
CALLED_TABLE = N_('Here a table has round brackets. Columns are taken with square ones: `table["name"]`.')
CALLED_MODULE = N_(
    "Here a library is called as if it were a function. What of it do you want? Write it after a point."
)
NOT_CALLED = N_("Here round brackets are missing: what can be run is called with `(…)`, and not with `[…]`.")
NO_PARTS = N_("Here something in square brackets is asked of a number. A number has no parts.")
NOT_MANY = N_("Here a single thing is used where many are needed. Put it into square brackets: `[x]`.")
ARGUMENT_MISSING = N_("The function needs one thing more, `{name}`. Write it between the brackets.")
TOO_MANY = N_("The function was given more things than it takes. Look at what is between its brackets.")
ARGUMENT_UNKNOWN = N_("The function does not know `{name}`. Check its spelling, or leave it out.")
PLACES_ARE_WHOLE = N_("A place in a list is a whole number, counted from 0; a text or a decimal is none.")
DATE_AND_NUMBER = N_(
    "Here a date and a plain number are joined or compared. Days are `pd.Timedelta(days=60)`."
)
NO_CHANGE = N_("A text cannot be changed in place. `text.replace(…)` gives a new one: give it a name.")
NOT_A_NUMBER = N_("Here a number is needed, and this is a text or something else.")
TILDE = N_("The sign `~` turns yes and no round. It needs a column of yes and no.")

TYPES: Rules = (
    (r"NoneType", NOTHING),
    (r"\btuple\b", COMMA_NUMBER),
    (r"bad operand type for unary ~", TILDE),
    (r"datetime|Timestamp|Timedelta|DatetimeArray|integers and integer-arrays", DATE_AND_NUMBER),
    (
        r"can only concatenate str|must be str, not|unsupported operand type.*'(int|float)' and 'str'",
        TEXT_AND_NUMBER,
    ),
    (r"unsupported operand type.*'str' and '(int|float)'", TEXT_AND_NUMBER),
    (r"unsupported operand type.*'str' and 'str'|bad operand type for unary -: 'str'", TEXT_MINUS),
    (r"not supported between instances of '(str|int|float)' and '(str|int|float)'", COMPARED),
    (r"'(int|float|str|bool|list|numpy\.\w+)' object is not callable", CALLED_NUMBER),
    (r"'(DataFrame|Series)' object is not callable", CALLED_TABLE),
    (r"'module' object is not callable", CALLED_MODULE),
    (r"'(method|function|builtin_function_or_method|type)' object is not subscriptable", NOT_CALLED),
    (r"'(int|float|bool)' object is not subscriptable", NO_PARTS),
    (r"'(int|float|bool)' object is not iterable|has no len\(\)", NOT_MANY),
    (r"missing \d+ required positional arguments?: '(?P<name>\w+)'", ARGUMENT_MISSING),
    (r"takes .* positional arguments? but|takes no arguments|takes no keyword", TOO_MANY),
    (r"unexpected keyword argument '(?P<name>\w+)'", ARGUMENT_UNKNOWN),
    (r"indices must be integers", PLACES_ARE_WHOLE),
    (r"'str' object does not support item assignment", NO_CHANGE),
    (
        r"can.t multiply sequence|must be real number|real number is required|must be a string or a (real )?number",
        NOT_A_NUMBER,
    ),
)

TEXT_TO_NUMBER = N_(
    "Python cannot read `{given}` as a number. If it is a column of words in a model: words go through an encoder."
)
TRUTH = N_(
    "A whole column is neither yes nor no. Join conditions with `&` and `|`, each in brackets, not with `and`, `or`."
)
GAPS = N_(
    "In the data there are gaps (`NaN`), and this step cannot work with them. Fill them, or leave those rows out."
)
LENGTHS = N_("Two things of different length are put together. Do both come from the same rows?")
UNPACK = N_("Left of `=` there are more or fewer names than there are things on the right.")
PART_NOT_PER_CENT = N_(
    "`{name}` is a part between 0 and 1, and you wrote {given}. 90 of 100 is written `0.90`."
)
PARAMETER = N_(
    "`{name}` cannot be `{given}`. Look up what it may be: write the name with `?` behind it in a cell."
)
UNKNOWN_WORD = N_(
    "A word came in that the model has never seen. Tell the encoder what to do then: `handle_unknown=…`."
)
COLUMN_OF_MODEL = N_(
    "A column that is named for the model is not in the table. If you meant a list by its name, leave the quotation "
    'marks away: `words` and not `"words"`.'
)
MIDDLE_OF_WORDS = N_("A column of words has no middle value. Give `SimpleImputer` columns of numbers only.")
TWO_BRACKETS = N_('A model learns from a table, not from one column. Use two brackets: `table[["name"]]`.')
NOT_FITTED = N_("The model has not learnt anything yet. Call `.fit(…)` first.")
ONE_KIND = N_("All the examples to learn from have the same answer, so there is nothing to learn.")
NO_SUCH_DATE = N_("Python cannot read `{given}` as a date. Write it as `2025-06-15`.")
EMPTY = N_("There is nothing in it: after your choice no rows are left.")

VALUES: Rules = (
    (r"Cannot use \w+ strategy with non-numeric data", MIDDLE_OF_WORDS),
    (r"could not convert string to float: '(?P<given>[^']{0,40})", TEXT_TO_NUMBER),
    (r"invalid literal for int\(\) with base 10: '(?P<given>[^']{0,40})", TEXT_TO_NUMBER),
    (r"truth value of an? ", TRUTH),
    (r"contains? NaN|Input .* contains|cannot convert float NaN", GAPS),
    (r"inconsistent numbers of samples|Length of values|must all be same length|All arrays must be", LENGTHS),
    (r"unpack", UNPACK),
    (r"The '(?P<name>quantile|test_size)' parameter .* Got (?P<given>[\d.]+) instead", PART_NOT_PER_CENT),
    (r"The '(?P<name>\w+)' parameter .* Got (?P<given>.{1,40}) instead", PARAMETER),
    (r"[Ff]ound unknown categories", UNKNOWN_WORD),
    (r"given column is not a column|not columns of the dataframe|columns are missing", COLUMN_OF_MODEL),
    (r"Expected 2D array|2-dimensional container|Reshape your data", TWO_BRACKETS),
    (r"instance is not fitted|is not fitted yet", NOT_FITTED),
    (r"needs samples of at least 2 classes|only one class", ONE_KIND),
    (
        r"time data \"?'?(?P<given>[^\"']{0,30})|Unknown datetime string format.*?: (?P<other>.{0,30})",
        NO_SUCH_DATE,
    ),
    (r"\bempty\b|minimum of 1 is required|zero-size array|max\(\) arg", EMPTY),
)

TOO_FAR = N_("There is no such place: the list or table is shorter. The first place is 0.")
KEY_MISSING = N_("There is nothing called `{name}` in it. Check its spelling.")
COLUMN_MEANT = N_("The table has no column `{name}`. Did you mean `{meant}`?")
COLUMN_UNKNOWN = N_("The table has no column `{name}`. Its columns are: {columns}.")
PART_MEANT = N_("There is no `{name}` here. Did you mean `{meant}`?")
TEXT_OF_COLUMN = N_("A column of texts has its text tools after `.str`: `.str.{name}(…)`.")
TOOL_OF_TEXT = N_("`.str` is for columns. A single text has its tools itself: `text.replace(…)`.")
IMPORTED = N_("The library has no `{name}`. Check its spelling; copy the line of the lab if there is one.")
NO_MODULE = N_(
    "There is no library called `{name}` here. Check its spelling; everything a lab needs is there."
)
NO_FILE = N_('There is no file `{name}` here. Data is loaded by its name: `lab.load("…")`.')
FULL = N_(
    "Your folder is full, so this was not written. What is there already is kept. Delete files that you do not need, "
    "then run the cell again."
)
ENDLESS = N_("The function calls itself without end.")
USED_BEFORE = N_("Inside the function `{name}` is used before it gets a value there.")

GAP_LEFT = N_("There is still a gap `{name}` in this cell. Write something in its place.")
OTHER_LANGUAGE = N_("Python writes `{meant}`, and not `{name}`.")
BARE_WORD = N_(
    'Python does not know `{name}`. If it is meant as a text, put it in quotation marks: `"{words}"`.'
)
LIBRARY_NAME = N_("Python does not know `{name}` yet. Run the cell that imports it first: `{line}`.")
NAME_MEANT = N_("Python does not know `{name}`. Did you mean `{meant}`{where}?")
NAME_NOT_RUN = N_(
    "Python does not know `{name}` yet. It is made {where}, which has not been run since the notebook was started. "
    "Run the cells from the top, one after the other."
)
NAME_FAILED = N_(
    "Python does not know `{name}` yet. The cell that makes it ({where}) was run and stopped with an error. "
    "Put that right first, then run this cell again."
)
NAME_HERE = N_(
    "Python does not know `{name}` here. This cell makes it further down, or inside a function. Check the order of the "
    "lines, and the spaces at their beginning."
)
NAME_UNKNOWN = N_("Python does not know `{name}`. Check its spelling, and whether you ran the cells above.")
PYTHON_WORDS = {"true": "True", "false": "False", "none": "None", "null": "None", "nan": 'float("nan")',
                "NaN": 'float("nan")', "NULL": "None", "TRUE": "True", "FALSE": "False"}  # fmt: skip
"""Names that other programs know."""
SHELL_NAMES = {"In", "Out", "exit", "get_ipython", "open", "quit"}
"""Names that IPython has made, and no learner means."""
LIBRARIES = {
    "pd": "import pandas as pd",
    "np": "import numpy as np",
    "plt": "import matplotlib.pyplot as plt",
}
