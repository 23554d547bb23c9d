# %% before double
import json, os, struct
def frame(body):
    return struct.pack(">I", len(body)) + body
deep = b'{"t":"msg","type":"display_data","content":{"data":{"application/json":' + b"[" * 900 + b"]" * 900 + b"}}}"
odd = json.dumps({"t": "msg", "type": "display_data", "content": {"data": {"image/png": [1], "text/plain": {"a": 1}}, "metadata": {"x": float("nan")}}}).encode()
done = json.dumps({"t": "done", "status": "ok", "altered": [], "cell": "0"}).encode()
for number in range(3, 40):
    try:
        os.write(number, frame(deep) + frame(odd) + frame(done))
    except OSError:
        pass
