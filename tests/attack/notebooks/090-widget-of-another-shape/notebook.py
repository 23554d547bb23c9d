# %% before double
kernel = get_ipython().kernel
def say(kind, content):
    kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent("shell"))
state = {"_model_name": "OutputModel", "_model_module": "@jupyter-widgets/output", "outputs": 5, "msg_id": "x"}
say("comm_open", {"comm_id": "c", "target_name": "jupyter.widget", "data": {"state": state}, "metadata": {}})
say("comm_msg", {"comm_id": "c", "data": {"method": "update", "state": {"outputs": "y", "msg_id": "z"}}})
print("caught")
