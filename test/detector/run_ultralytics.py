"""What an export for Ultralytics does there: prints JSON. `python run_ultralytics.py FOLDER WORK SIDE MAPS`

FOLDER: of the export, WORK: a folder to write to, SIDE: of the pictures, MAPS: where to write the backbone's maps for a
picture in WORK/input.bin (float32, RGB from 0 to 1, 3 x SIDE x SIDE).
"""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

folder, work, side, maps = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
sys.path.insert(0, str(folder))
module = next(path.stem for path in folder.glob("nas_backbone_*.py"))
yaml = str(next(folder.glob("*.yaml")))
nas = importlib.import_module(module)

import thop  # noqa: E402
import ultralytics  # noqa: E402
from PIL import Image  # noqa: E402
from ultralytics import RTDETR  # noqa: E402
from ultralytics.utils.dist import generate_ddp_file  # noqa: E402

result = {"versions": {"ultralytics": ultralytics.__version__, "thop": thop.__version__, "torch": torch.__version__}}


def write_data():
    """Bright squares on grey, eight to train and four to test."""
    rng = np.random.default_rng(1)
    for part, count in (("train", 8), ("val", 4)):
        for kind in ("images", "labels"):
            (work / "data" / kind / part).mkdir(parents=True)
        for index in range(count):
            picture = np.full((64, 64, 3), 90, np.uint8)
            x, y = rng.integers(4, 36, 2)
            picture[y : y + 24, x : x + 24] = 230
            Image.fromarray(picture).save(work / "data" / "images" / part / f"{index}.png")
            label = f"0 {(x + 12) / 64} {(y + 12) / 64} {24 / 64} {24 / 64}\n"
            (work / "data" / "labels" / part / f"{index}.txt").write_text(label)
    file = work / "data.yaml"
    file.write_text(f"path: {work}/data\ntrain: images/train\nval: images/val\nnames: [square]\n")
    return str(file)


model = RTDETR(yaml)
_, result["params"], _, result["gflops"] = model.info(imgsz=640)

# The backbone as it stands in the detector, whose construction changes batch normalisation.
picture = torch.from_numpy(np.fromfile(work / "input.bin", np.float32)).view(1, 3, side, side)
with torch.no_grad():
    found = model.model.model[0].eval()(picture)
    result["detections"] = list(model.model.eval()(torch.rand(1, 3, 640, 640))[0].shape)
np.concatenate([each.flatten().numpy() for each in found]).tofile(maps)

detector = nas.Detector()
before = {name: value.clone() for name, value in detector.model.state_dict().items()}
detector.train(
    data=write_data(), imgsz=64, epochs=1, batch=4, device="cpu", workers=0, project=str(work), name="run",
    plots=False, val=False, warmup_epochs=0, optimizer="AdamW", lr0=1e-4,
)  # fmt: skip
trainer = detector.trainer
result["amp"] = bool(trainer.args.amp)
result["trainer"] = type(trainer).__name__
after = trainer.model.state_dict()
trained = [name for name, _ in trainer.model.named_parameters() if name.startswith("model.0.")]
result["trainedBackbone"] = sum(not torch.equal(before[name], after[name]) for name in trained) / len(trained)
result["loss"] = [float(value) for value in dict(trainer.tloss).values()]

# Another process, as each of a multi-GPU training is, builds the model from what this one left it.
trainer.train_loader = trainer.test_loader = None
script = Path(generate_ddp_file(trainer))
text = script.read_text().replace("trainer.train()", f"""import sys
    from ultralytics.nn.tasks import RTDETRDetectionModel
    model = RTDETRDetectionModel({yaml!r}, verbose=False)
    print("BUILT", type(trainer).__name__, type(model.model[0]).__name__)""")
assert "BUILT" in text
script.write_text(text)
other = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
script.unlink()
script.with_suffix(".pt").unlink(missing_ok=True)
result["otherProcess"] = [line for line in other.stdout.splitlines() if line.startswith("BUILT")] or other.stderr[-900:]

best = RTDETR(str(Path(trainer.save_dir) / "weights" / "last.pt"))
file = best.export(format="onnx", imgsz=64, simplify=False, device="cpu")
import onnxruntime  # noqa: E402

session = onnxruntime.InferenceSession(file)
small = np.random.default_rng(2).random((1, 3, 64, 64), np.float32)
exported = session.run(None, {session.get_inputs()[0].name: small})[0]
result["exported"] = list(exported.shape)
result["operators"] = sorted({node.op_type for node in __import__("onnx").load(file).graph.node} & {"GridSample"})
print("RESULT", json.dumps(result))
