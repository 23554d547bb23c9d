def build(notebook):
    import json
    text = json.dumps(notebook)
    return text.replace('"metadata": {}', '"metadata": {"x": ' + "[" * 950 + "]" * 950 + "}", 1).encode() if '"metadata": {}' in text else (
        text[:-1] + ', "x": ' + "[" * 950 + "]" * 950 + "}").encode()
