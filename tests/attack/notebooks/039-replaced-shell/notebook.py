# %% before double
shell = get_ipython()
async def nothing(*args, **options):
    return False
shell.run_code = nothing
