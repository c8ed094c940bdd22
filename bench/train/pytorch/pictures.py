"""Pictures as bytes in memory, and what is done to a batch of them: the product's augmentation and normalisation."""

import json
import os

import numpy as np
import torch


class Pictures:
    """Pictures N×H×W×C of bytes with one label each, read from the files that the bench wrote for both sides."""

    def __init__(self, folder, part, device):
        with open(os.path.join(folder, "pictures.json"), encoding="utf-8") as file:
            facts = json.load(file)
        height, width, channels = facts["shape"]
        images = np.fromfile(os.path.join(folder, f"{part}.images"), dtype=np.uint8)
        labels = np.fromfile(os.path.join(folder, f"{part}.labels"), dtype=np.uint16)
        self.images = torch.from_numpy(images).view(-1, height, width, channels).to(device)
        self.labels = torch.from_numpy(labels.astype(np.int64)).to(device)
        self.mean, self.deviation = facts["mean"], facts["deviation"]
        self.count = len(labels)
        self.gain = torch.tensor([1 / (255 * d) for d in self.deviation], device=device)
        self.shift = torch.tensor([-m / d for m, d in zip(self.mean, self.deviation)], device=device)

    def normalised(self, batch, layout):
        """B×H×W×C bytes as (pixel/255 − mean)/deviation, B×C×H×W in the given memory layout."""
        return laid(torch.addcmul(self.shift, batch.float(), self.gain), layout)


def laid(batch, layout):
    """B×H×W×C seen as B×C×H×W: `last` as it lies, `first` moved; with one channel only the strides differ."""
    if layout == "last":
        return batch.permute(0, 3, 1, 2)
    count, height, width, channels = batch.shape
    if channels == 1:
        return batch.reshape(count, 1, height, width)
    return batch.permute(0, 3, 1, 2).contiguous()


class Augmentation:
    """Crops by `pad` black pixels and mirrors every second picture, all pictures of a batch together."""

    def __init__(self, shape, batch, pad, flip, device, generator):
        height, width, _ = shape
        self.batch, self.pad, self.flip = batch, pad, flip
        self.size = (height, width)
        self.generator, self.device = generator, device
        self.rows = torch.arange(height, device=device)
        self.columns = torch.arange(width, device=device)
        self.first = (torch.arange(batch, device=device) * height * width).view(-1, 1, 1)

    def integers(self, below):
        return torch.randint(below, (self.batch, 1), generator=self.generator, device=self.device)

    def __call__(self, images):
        """`images`: B×H×W×C bytes; so is the result."""
        if self.pad == 0:
            if not self.flip:
                return images
            mirrored = self.integers(2).bool().view(-1, 1, 1, 1)
            return torch.where(mirrored, images.flip(2), images)
        height, width = self.size
        columns = self.columns.expand(self.batch, -1)
        if self.flip:
            columns = torch.where(self.integers(2).bool(), width - 1 - columns, columns)
        y = self.rows + self.integers(2 * self.pad + 1) - self.pad
        x = columns + self.integers(2 * self.pad + 1) - self.pad
        near_y, near_x = y.clamp(0, height - 1), x.clamp(0, width - 1)
        places = self.first + (near_y * width)[:, :, None] + near_x[:, None, :]
        moved = images.reshape(self.batch * height * width, -1).index_select(0, places.view(-1))
        inside = (y == near_y)[:, :, None] & (x == near_x)[:, None, :]
        return moved.view(images.shape) * inside[..., None]
