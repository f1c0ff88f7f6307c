#!/usr/bin/env python3
"""Writes Tests/Fixtures/imports: logs as other people's training programs leave them.

Every file is the real output of the real program on a tiny made-up problem, so that the readers are
tested on what these programs write and not on what we think they write. What the readers should find
in it stands in `expected/`, from the program's own objects (`state.log_history`,
`History.history`, `EventAccumulator`), never from our readers.

    python3 -m venv VENV && VENV/bin/pip install -r Tests/Fixtures/requirements-imports.txt
    VENV/bin/python Tests/Fixtures/make_import_fixtures.py [huggingface lightning keras tensorboard]

An old layout of the Trainer's state comes from an environment with transformers 4.30
(requirements-imports-old.txt), the Keras TensorBoard callback from one with TensorFlow
(requirements-imports-tensorflow.txt):

    OLD/bin/python Tests/Fixtures/make_import_fixtures.py huggingface-old
    TF/bin/python Tests/Fixtures/make_import_fixtures.py tensorflow
"""

import csv
import json
import os
import pathlib
import shutil
import sys
import tempfile

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent / "imports"
CLASSES = ["negative", "neutral", "positive"]


def problem(count, noise, seed):
    """Points around three corners; a target language is the same with more noise."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, count)
    points = np.eye(3)[labels] + noise * random.normal(size=(count, 3))
    return points.astype(np.float32), labels.astype(np.int64)


TRAIN = problem(120, 0.6, 1)
EN = problem(60, 0.6, 2)
DE = problem(50, 0.9, 3)
TEST = problem(40, 0.6, 4)


def fresh(name):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def expect(name, value):
    """What a reader should find, apart from the log, since it looks like one."""
    (HERE / "expected").mkdir(parents=True, exist_ok=True)
    dump(HERE / "expected" / f"{name}.json", value)


def dump(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n")


def scores(logits, labels):
    predicted = np.argmax(logits, axis=-1)
    f1 = []
    for label in range(3):
        hits = np.sum((predicted == label) & (labels == label))
        total = np.sum(predicted == label) + np.sum(labels == label)
        f1.append(2 * hits / total if total else 0.0)
    return {"accuracy": float(np.mean(predicted == labels)), "f1_macro": float(np.mean(f1))}


# ---------------------------------------------------------------- Hugging Face


def hugging_face_parts():
    import torch

    class Data(torch.utils.data.Dataset):
        def __init__(self, pair):
            self.pair = pair

        def __len__(self):
            return len(self.pair[1])

        def __getitem__(self, index):
            return {
                "x": torch.tensor(self.pair[0][index]),
                "labels": torch.tensor(self.pair[1][index]),
            }

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(7)
            self.linear = torch.nn.Linear(3, 3)

        def forward(self, x=None, labels=None):
            logits = self.linear(x)
            return {
                "loss": torch.nn.functional.cross_entropy(logits, labels),
                "logits": logits,
            }

    return Data, Network


def train_hugging_face(output, evaluation, **settings):
    import transformers

    Data, Network = hugging_face_parts()
    arguments = transformers.TrainingArguments(
        output_dir=str(output),
        learning_rate=0.1,
        per_device_train_batch_size=8,
        per_device_eval_batch_size=64,
        seed=3,
        disable_tqdm=True,
        **settings,
    )
    if isinstance(evaluation, dict):
        data = {name: Data(pair) for name, pair in evaluation.items()}
    else:
        data = Data(evaluation) if evaluation else None
    trainer = transformers.Trainer(
        model=Network(),
        args=arguments,
        train_dataset=Data(TRAIN),
        eval_dataset=data,
        compute_metrics=lambda p: scores(p.predictions, p.label_ids),
    )
    trainer.train()
    return trainer


def write_predictions(path, logits_by_split, header="logit"):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["split", "label"] + [f"{header}_{name}" for name in CLASSES])
        for split, (logits, labels) in logits_by_split.items():
            for row, label in zip(logits, labels):
                writer.writerow([split, CLASSES[label]] + [repr(float(x)) for x in row])


def hugging_face():
    Data, _ = hugging_face_parts()

    # Two evaluation sets after every epoch; only the checkpoints hold the state.
    with tempfile.TemporaryDirectory() as scratch:
        trainer = train_hugging_face(
            scratch, {"en": EN, "de": DE}, num_train_epochs=10, eval_strategy="epoch",
            logging_strategy="epoch", save_strategy="epoch", report_to=[],
        )
        folder = fresh("huggingface-checkpoints")
        for step in (135, 150):
            (folder / f"checkpoint-{step}").mkdir()
            shutil.copy(
                f"{scratch}/checkpoint-{step}/trainer_state.json", folder / f"checkpoint-{step}")
        splits = {}
        for name, pair in {"en.validation": EN, "de.validation": DE, "en.test": TEST}.items():
            output = trainer.predict(Data(pair))
            splits[name] = (output.predictions, output.label_ids)
        write_predictions(folder / "predictions.csv", splits)
        expect(folder.name, trainer.state.log_history)

    # Evaluations every 7 steps, training logged every 2, warm-up; state saved beside the model.
    with tempfile.TemporaryDirectory() as scratch:
        trainer = train_hugging_face(
            scratch, EN, num_train_epochs=2, eval_strategy="steps", eval_steps=7,
            logging_steps=2, warmup_steps=5, save_strategy="no", report_to=["tensorboard"],
            **tensorboard_folder(scratch),
        )
        trainer.save_state()
        folder = fresh("huggingface-steps")
        shutil.copy(f"{scratch}/trainer_state.json", folder)
        expect(folder.name, trainer.state.log_history)
        # The array alone, as people dump it from a notebook.
        dump(fresh("huggingface-array") / "logs_of_my_run.json", trainer.state.log_history)
        tensorboard = fresh("tensorboard-huggingface")
        copy_events(scratch, tensorboard)
        expect_events(tensorboard)

    # Never evaluated.
    with tempfile.TemporaryDirectory() as scratch:
        trainer = train_hugging_face(
            scratch, None, num_train_epochs=3, eval_strategy="no", logging_steps=5,
            save_strategy="no", report_to=[],
        )
        trainer.save_state()
        shutil.copy(f"{scratch}/trainer_state.json", fresh("huggingface-no-evaluation"))


def tensorboard_folder(scratch):
    """`logging_dir` went away in transformers 5, where an environment variable stands for it."""
    os.environ["TENSORBOARD_LOGGING_DIR"] = f"{scratch}/logs/one"
    return {}


def hugging_face_old():
    with tempfile.TemporaryDirectory() as scratch:
        trainer = train_hugging_face(
            scratch, EN, num_train_epochs=3, evaluation_strategy="epoch",
            logging_strategy="epoch", save_strategy="epoch", report_to=[], no_cuda=True,
        )
        folder = fresh("huggingface-old")
        shutil.copy(f"{scratch}/checkpoint-45/trainer_state.json", folder)
        expect(folder.name, trainer.state.log_history)


# ---------------------------------------------------------------- Lightning


def lightning():
    import lightning
    import torch
    from lightning.pytorch.callbacks import LearningRateMonitor
    from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger

    def loader(pair, shuffle=False):
        data = torch.utils.data.TensorDataset(torch.tensor(pair[0]), torch.tensor(pair[1]))
        return torch.utils.data.DataLoader(data, batch_size=8, shuffle=shuffle)

    class Module(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            torch.manual_seed(7)
            self.linear = torch.nn.Linear(3, 3)

        def step(self, batch):
            logits = self.linear(batch[0])
            loss = torch.nn.functional.cross_entropy(logits, batch[1])
            return loss, (logits.argmax(1) == batch[1]).float().mean()

        def training_step(self, batch, index):
            loss, accuracy = self.step(batch)
            self.log("train_loss", loss, on_step=True, on_epoch=True)
            self.log("train_acc", accuracy, on_step=False, on_epoch=True)
            return loss

        def validation_step(self, batch, index, dataloader_idx=0):
            loss, accuracy = self.step(batch)
            self.log_dict({"val_loss": loss, "val_acc": accuracy})

        def test_step(self, batch, index):
            loss, accuracy = self.step(batch)
            self.log_dict({"test_loss": loss, "test_acc": accuracy})

        def configure_optimizers(self):
            optimizer = torch.optim.AdamW(self.parameters(), lr=0.1)
            schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
            return [optimizer], [schedule]

    def fit(scratch, logger, validation, **settings):
        lightning.seed_everything(5)
        trainer = lightning.Trainer(
            max_epochs=4, logger=logger, log_every_n_steps=4, accelerator="cpu",
            enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
            callbacks=[LearningRateMonitor()], **settings,
        )
        module = Module()
        trainer.fit(module, loader(TRAIN, True), validation)
        return trainer, module

    with tempfile.TemporaryDirectory() as scratch:
        logger = CSVLogger(scratch)
        trainer, module = fit(scratch, logger, loader(EN))
        trainer.test(module, loader(TEST), verbose=False)
        logger.save()
        folder = fresh("lightning")
        # An older version lies beside the one that counts.
        for version in (2, 10):
            (folder / f"lightning_logs/version_{version}").mkdir(parents=True)
        source = next(pathlib.Path(scratch).rglob("metrics.csv"))
        shutil.copy(source, folder / "lightning_logs/version_10/metrics.csv")
        (folder / "lightning_logs/version_2/metrics.csv").write_text(
            "epoch,step,val_loss\n0,14,9.0\n")

    # Two data loaders, twice an epoch.
    with tempfile.TemporaryDirectory() as scratch:
        logger = CSVLogger(scratch)
        fit(scratch, logger, [loader(EN), loader(DE)], val_check_interval=0.5)
        logger.save()
        folder = fresh("lightning-two-sets")
        shutil.copy(next(pathlib.Path(scratch).rglob("metrics.csv")), folder / "numbers.csv")

    with tempfile.TemporaryDirectory() as scratch:
        logger = TensorBoardLogger(scratch)
        fit(scratch, logger, loader(EN))
        logger.finalize("success")
        folder = fresh("tensorboard-lightning")
        copy_events(scratch, folder)
        expect_events(folder)


# ---------------------------------------------------------------- Keras


def keras_model(keras):
    keras.utils.set_random_seed(7)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3)])
    model.compile(
        keras.optimizers.AdamW(0.05),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def keras_fit(keras, callbacks, **settings):
    settings.setdefault("validation_data", EN)
    return keras_model(keras).fit(
        *TRAIN, epochs=6, batch_size=16, verbose=0, callbacks=callbacks, **settings)


def keras_logs():
    import keras

    folder = fresh("keras-csv")
    plateau = keras.callbacks.ReduceLROnPlateau(patience=1, min_delta=0.2)
    history = keras_fit(keras, [plateau, keras.callbacks.CSVLogger(str(folder / "training.log"))])
    expect(folder.name, plain(history.history))
    dump(fresh("keras-history") / "history.json", plain(history.history))

    folder = fresh("keras-sparse")
    history = keras_fit(
        keras, [keras.callbacks.CSVLogger(str(folder / "log.csv"), separator=";")],
        validation_freq=2)
    expect(folder.name, plain(history.history))
    dump(fresh("keras-sparse-history") / "history.json", plain(history.history))


def plain(history):
    return {key: [float(value) for value in values] for key, values in history.items()}


# ---------------------------------------------------------------- TensorBoard


def copy_events(source, target):
    """Copies event files with their folders; names lose time, host and process."""
    for index, path in enumerate(sorted(pathlib.Path(source).rglob("events.out.tfevents.*"))):
        below = path.relative_to(source).parent
        (target / below).mkdir(parents=True, exist_ok=True)
        copy = target / below / f"events.out.tfevents.{1700000000 + index}.host.1.0"
        copy.write_bytes(b"".join(
            frame for frame in frames(path.read_bytes()) if b"/tmp" not in frame))


def frames(data):
    """The framed records of an event file; the Trainer's texts name folders of one machine."""
    position = 0
    while position < len(data):
        length = int.from_bytes(data[position:position + 8], "little") + 16
        yield data[position:position + length]
        position += length


def expect_events(folder):
    """What TensorBoard's own reader finds, as [[step, value], …] by folder and tag."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util import tensor_util

    result = {}
    for below in sorted({path.parent for path in folder.rglob("events.out.tfevents.*")}):
        reader = EventAccumulator(str(below), size_guidance={"scalars": 0, "tensors": 0})
        reader.Reload()
        name = str(below.relative_to(folder)).replace(".", "")
        tags = reader.Tags()
        for tag in tags["scalars"]:
            key = f"{name}/{tag}".lstrip("/")
            result[key] = [[event.step, event.value] for event in reader.Scalars(tag)]
        for tag in tags["tensors"]:
            metadata = reader.SummaryMetadata(tag)
            if metadata.plugin_data.plugin_name != "scalars":
                continue
            key = f"{name}/{tag}".lstrip("/")
            result[key] = [
                [event.step, float(tensor_util.make_ndarray(event.tensor_proto))]
                for event in reader.Tensors(tag)
            ]
    expect(folder.name, result)


def tensorboard():
    import tensorboardX
    from torch.utils.tensorboard import SummaryWriter

    # Scalars, tensor-valued scalars, text and a histogram, which are no series.
    folder = fresh("tensorboard-torch")
    with tempfile.TemporaryDirectory() as scratch:
        writer = SummaryWriter(scratch)
        for epoch in range(1, 6):
            writer.add_scalar("Loss/train", 1 / epoch, epoch)
            writer.add_scalar("Loss/val", 0.2 + 1 / epoch, epoch, new_style=True)
            writer.add_scalar("Accuracy/val", 0.5 + epoch / 20, epoch, new_style=True)
            writer.add_scalar("Accuracy/val_de", 0.4 + epoch / 20, epoch, double_precision=True)
            writer.add_scalar("lr", 1e-3 / epoch, epoch)
            writer.add_histogram("weights", np.arange(9) / epoch, epoch)
        writer.add_text("note", "not a series")
        writer.close()
        copy_events(scratch, folder)
    expect_events(folder)

    # A folder a curve, as add_scalars makes it, and a second start that purges step 3.
    folder = fresh("tensorboard-restart")
    with tempfile.TemporaryDirectory() as scratch:
        for index, steps in enumerate((range(0, 4), range(3, 6))):
            below = f"{scratch}/{index}"
            writer = SummaryWriter(below, purge_step=steps[0] if index else None)
            for step in steps:
                writer.add_scalar("eval/loss", 1 / (1 + step) + index, step)
                writer.add_scalar("train/loss", 2 / (1 + step) + index, step)
            writer.close()
            for path in pathlib.Path(below).glob("events*"):
                shutil.copy(path, folder / f"events.out.tfevents.{1700000000 + index}.host.1.0")
    expect_events(folder)

    folder = fresh("tensorboard-x")
    with tempfile.TemporaryDirectory() as scratch:
        writer = tensorboardX.SummaryWriter(scratch)
        for step in range(10, 60, 10):
            writer.add_scalars(
                "loss", {"train": 1 / step, "validation": 2 / step}, global_step=step)
            writer.add_scalar("validation/acc", step / 100, step)
        writer.close()
        copy_events(scratch, folder)
    expect_events(folder)


def tensorflow():
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras

    folder = fresh("tensorboard-keras")
    with tempfile.TemporaryDirectory() as scratch:
        history = keras_fit(keras, [keras.callbacks.TensorBoard(scratch, write_graph=False)])
        copy_events(scratch, folder)
    expect_events(folder)


PARTS = {
    "huggingface": hugging_face,
    "lightning": lightning,
    "keras": keras_logs,
    "tensorboard": tensorboard,
    "huggingface-old": hugging_face_old,
    "tensorflow": tensorflow,
}

if __name__ == "__main__":
    for part in sys.argv[1:] or ["huggingface", "lightning", "keras", "tensorboard"]:
        PARTS[part]()
