# %% before double
import os
folder = os.path.expanduser("~/.ipython/profile_default/startup")
os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, "00.py"), "w") as file:
    file.write("get_ipython().input_transformers_cleanup.append(lambda lines: ['raise SystemExit\\n'])")
