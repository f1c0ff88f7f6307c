#!/usr/bin/env python3
"""Draws the figures of docs/figures.md with matplotlib and seaborn, from the same numbers as ours.

    python gallery_matplotlib.py .build/gallery.json docs/images/gallery

The numbers are written by `make gallery`: of every panel what it shows, with the intervals. Drawn as a
careful researcher would: labels, legends where they cover least, error bars, letters of 7.5 points,
constrained layout, the size and the number of columns of our page. Nothing is placed by hand, on either
side. Needs requirements-figures.txt.
"""

import json
import sys
import textwrap
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from PIL import Image

DOTS_PER_INCH = 150
MARKERS = ["o", "o", "s", "^", "D", "v", "P", "X", "<", ">"]


def color(ink):
    """Of a series, the same in every figure."""
    if ink == "strong":
        return "black"
    if ink == "muted":
        return "grey"
    return "dimgrey" if ink == "0" else sns.color_palette("colorblind")[(int(ink) - 1) % 10]


def marker(ink):
    return MARKERS[int(ink) % len(MARKERS)] if ink.isdigit() else "o"


def floats(rows):
    return np.array([[np.nan if x is None else x for x in row] for row in rows], float)


class Panel:
    """One panel's axes being drawn."""

    def __init__(self, axes, panel, panels, labelled, size):
        self.axes, self.panel, self.size = axes, panel, size
        self.is_key_shared = labelled is not None
        self.names = {}
        # A key that panels share names what others show, too.
        for other in panels:
            for entry in other["key"]:
                self.names[entry["ink"]] = entry["text"]
        for entry in panel["key"]:
            self.names[entry["ink"], entry["is_dashed"]] = entry["text"]
            self.names[entry["ink"]] = entry["text"]
        # What an earlier panel's legend says is not said again.
        self.labelled = set() if labelled is None else labelled

    def label(self, ink, name="", is_dashed=False):
        """The name in the legend, once."""
        name = name or self.names.get((ink, is_dashed)) or self.names.get(ink, "")
        if not name or name in self.labelled:
            return None
        self.labelled.add(name)
        return name

    def draw(self):
        axes, panel = self.axes, self.panel
        kinds = {mark["kind"] for mark in panel["marks"]}
        # Dots that only mark a line's values belong to the line.
        lines = {mark["ink"] for mark in panel["marks"] if mark["kind"] == "line"}
        for mark in panel["marks"]:
            if mark["kind"] == "dots" and mark["ink"] in lines and not self.is_scattered(mark):
                continue
            getattr(self, mark["kind"])(mark)
        if panel["title"]:
            axes.set_title(panel["title"])
        width, height = (int(72 * length / 4.5) for length in self.size)
        axes.set_title(textwrap.fill(axes.get_title(), int(width * 0.85)))
        axes.set(xlabel=textwrap.fill(panel["x"]["title"], width),
                 ylabel=textwrap.fill(
                     panel["y"]["title"],
                     max(min(width, height) * 2 // 3 if panel["is_square"] else height, 12)))
        for side, axis, dimension in [("x", panel["x"], axes.xaxis), ("y", panel["y"], axes.yaxis)]:
            if axis["is_logarithmic"]:
                axes.set(**{f"{side}scale": "log"})
            if "names" in axis and "cells" not in kinds:
                dimension.set_ticks(range(len(axis["names"])), axis["names"])
                dimension.grid(False)
        if "names" in panel["y"] and "cells" not in kinds:
            axes.set_ylim(len(panel["y"]["names"]) - 0.5, -0.5)
        if panel["is_square"] and "cells" not in kinds:
            axes.set_box_aspect(1)
        entries = len(axes.get_legend_handles_labels()[0])
        if entries and not self.is_key_shared:
            if panel["is_square"] and entries > 4:
                # It would cover a small square.
                handles, texts = axes.get_legend_handles_labels()
                if self.size[0] < 2:
                    texts = [text.replace(" (", "\n(") for text in texts]
                axes.legend(handles, texts, loc="upper center", bbox_to_anchor=(0.5, -0.4),
                            frameon=False, fontsize=6.5, handlelength=1.5)
            else:
                axes.legend(loc="best", framealpha=0.8)

    def is_scattered(self, mark):
        """Whether the points are draws beside the mean that the line goes through."""
        points = [tuple(p) for m in self.panel["marks"] if m["kind"] == "line" for p in m["points"]]
        return not all(tuple(point) in points for point in mark["points"])

    def line(self, mark):
        x, y = floats(mark["points"]).T
        many = len(x) > 20
        only = sum(other["kind"] == "line" for other in self.panel["marks"]) == 1
        self.axes.plot(
            x, y, color=color(mark["ink"]), linestyle="--" if mark["is_dashed"] else "-",
            marker=None if many or mark["ink"] in ("strong", "muted") else marker(mark["ink"]),
            label=None if only else self.label(mark["ink"], mark["name"], mark["is_dashed"]))

    def dots(self, mark):
        x, y = floats(mark["points"]).T
        self.axes.plot(
            x, y, color=color(mark["ink"]), marker=marker(mark["ink"]), linestyle="none",
            label=self.label(mark["ink"]))

    def band(self, mark):
        x, low, high = floats(mark["slices"]).T
        self.axes.fill_between(x, low, high, color=color(mark["ink"]), alpha=0.2, linewidth=0)

    def whiskers(self, mark):
        if not mark["intervals"]:
            return
        place, low, high = floats(mark["intervals"]).T
        middle = (low + high) / 2
        ends = [middle - low, high - middle]
        x, y, errors = (place, middle, "yerr") if mark["is_vertical"] else (middle, place, "xerr")
        self.axes.errorbar(
            x, y, **{errors: ends}, fmt="none", color=color(mark["ink"]), capsize=2, linewidth=1)

    def shade(self, mark):
        low, high = mark["numbers"]
        if mark["is_vertical"] and None not in mark["numbers"]:
            self.axes.axvspan(low, high, alpha=0.12, color=color(mark["ink"]),
                              label=self.label(mark["ink"]))

    def bars(self, mark):
        numbers = floats([bar["numbers"] for bar in mark["bars"]])
        place, value, low, high, reference = numbers.T
        known = np.isfinite(low)
        self.axes.barh(
            place, value, color=[color(bar["ink"]) for bar in mark["bars"]], height=0.7)
        if known.any():
            self.axes.errorbar(
                value[known], place[known], xerr=[(value - low)[known], (high - value)[known]],
                fmt="none", color="black", capsize=2, linewidth=1)
        if np.isfinite(reference).any():
            self.axes.vlines(
                reference, place - 0.5, place + 0.5, color="black", linestyle=":", linewidth=1,
                label=self.label("strong"))
        for bar, y, end in zip(mark["bars"], place, np.fmax(value, high)):
            self.axes.annotate(bar["text"], (end, y), xytext=(3, 0), textcoords="offset points",
                               va="center")
        self.axes.set_xlim(0, 1.35 * np.nanmax(np.fmax(value, high)))

    def cells(self, mark):
        x, y = self.panel["x"].get("names", []), self.panel["y"].get("names", [])
        numbers = floats([cell["numbers"] for cell in mark["cells"]])
        columns = int(numbers[:, 0].max()) + 1
        rows = int(numbers[:, 1].max()) + 1
        shares = np.full((rows, columns), np.nan)
        texts = np.full((rows, columns), "", dtype=object)
        for cell, (column, row, share) in zip(mark["cells"], numbers):
            shares[int(row), int(column)] = share
            texts[int(row), int(column)] = cell["text"]
        sns.heatmap(
            shares, annot=texts, fmt="", cmap="Blues", cbar=False, ax=self.axes,
            xticklabels=x[:columns], yticklabels=y[:rows], annot_kws={"size": 6.5},
            linewidths=0.5, square=self.panel["is_square"],
            **({"vmin": 0, "vmax": 1} if self.panel["is_square"] else {}))

        self.axes.tick_params(axis="y", rotation=0)

    def rule(self, mark):
        draw = self.axes.axvline if mark["is_vertical"] else self.axes.axhline
        draw(
            mark["numbers"][0], color="grey", linestyle=":",
            label=self.label(mark["ink"], mark["name"]))

    def values(self, mark):
        for value in mark["values"]:
            if None not in value["numbers"]:
                self.axes.annotate(
                    value["text"], value["numbers"], xytext=(4, 0), textcoords="offset points",
                    va="center", fontsize=6.5)

    def highlight(self, mark):
        self.axes.plot(
            *mark["numbers"], marker="o", markersize=9, markerfacecolor="none",
            markeredgecolor=color(mark["ink"]))
        if mark["text"]:
            self.axes.annotate(
                mark["text"], mark["numbers"], xytext=(5, 6), textcoords="offset points",
                fontsize=6.5)

    def words(self, mark):
        self.axes.text(*mark["numbers"], mark["text"], ha="center", fontsize=6.5)


def draw(figure, page):
    columns = page["columns"]
    count = len(figure["panels"])
    rows = (count + columns - 1) // columns
    drawing, grid = plt.subplots(
        rows, columns, figsize=page["inches"], squeeze=False, layout="constrained")
    labelled = set()
    size = [page["inches"][0] / columns * 0.8, page["inches"][1] / rows * 0.8]
    for axes, panel in zip(grid.flat, figure["panels"]):
        names = labelled if is_key_shared(figure) else None
        Panel(axes, panel, figure["panels"], names, size).draw()
    for row in grid:
        for axes, panel in list(zip(row, figure["panels"]))[1:]:
            if "names" in panel["y"] and panel["y"]["names"] == figure["panels"][0]["y"]["names"]:
                axes.tick_params(axis="y", labelleft=False)
    if is_key_shared(figure):
        handles = [axes.get_legend_handles_labels() for axes in grid.flat[:count]]
        drawing.legend(sum((pair[0] for pair in handles), []), sum((pair[1] for pair in handles), []),
                       loc="outside lower center", ncols=3 if page["inches"][0] < 5 else 6)
    for axes in grid.flat[count:]:
        axes.set_visible(False)
    if figure["headline"]:
        facts = [f"{label}: {value}" for value, label in figure["headline"]]
        width = int(72 * page["inches"][0] / 4.2)
        drawing.suptitle(textwrap.fill("; ".join(facts), width), fontsize=7.5)
    return drawing


def is_key_shared(figure):
    """Whether panels name one thing alike, so that one legend is enough."""
    if len(figure["panels"]) == 1:
        return False
    # What rules mean is said below, since bars leave a legend no room.
    if any(mark["kind"] == "bars" for panel in figure["panels"] for mark in panel["marks"]):
        return True
    texts = [entry["text"] for panel in figure["panels"] for entry in panel["key"]]
    lines = [mark["name"] for panel in figure["panels"] for mark in panel["marks"]
             if mark["kind"] == "line" and mark["name"]]
    return bool(texts) and len(set(texts)) == len(texts) or len(set(lines)) < len(lines)


def main():
    numbers, out = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    sns.set_theme(style="whitegrid", context="paper", palette="colorblind")
    sizes = ["font.size", "axes.labelsize", "axes.titlesize", "xtick.labelsize", "ytick.labelsize"]
    plt.rcParams.update({size: 7.5 for size in sizes})
    plt.rcParams.update({
        "legend.fontsize": 7, "lines.linewidth": 1.2, "lines.markersize": 3.5,
        "axes.titleweight": "bold",
    })
    for figure in numbers:
        for width, page in figure["pages"].items():
            path = out / f"matplotlib-{width}" / f"{figure['name']}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            drawing = draw(figure, page)
            drawing.savefig(path, dpi=DOTS_PER_INCH)
            plt.close(drawing)
            # 64 colours show all that there is, in a third of the bytes.
            with Image.open(path) as image:
                image.convert("RGB").quantize(64).save(path, optimize=True)


main()
