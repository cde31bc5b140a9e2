#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
"""Compares the picture of a server's screen (QEMU's screendump, PPM) with what the rescue VM shows.

  screen.py picture SERVER.ppm GUEST.ppm   the guest's picture lies in the middle of the server's
  screen.py bands SERVER.ppm COLOURS       the middle has these bands of ANSI's colours from top to bottom, each 0 to 7
  screen.py status SERVER.ppm              the status: its double line below the title, in the console's font of 8x16

A few pixels may differ, for the pointer and for a cursor that blinks: one in twenty of those that the guest has drawn. Exit codes: 0 as expected, 1 not, 2 usage.
"""

import sys

# Palette of a PC's text mode, by ANSI's numbers.
ANSI = [(0, 0, 0), (170, 0, 0), (0, 170, 0), (170, 85, 0), (0, 0, 170), (170, 0, 170), (0, 170, 170), (170, 170, 170)]
TOLERATED = 0.05


class Picture:
    """A PPM of 8 bits per colour (P6, https://netpbm.sourceforge.net/doc/ppm.html)."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        fields = data.split(maxsplit=4)[:4]
        if fields[0] != b"P6" or fields[3] != b"255":
            sys.exit(f"{path} is no PPM")
        self.width, self.height = int(fields[1]), int(fields[2])
        self.pixels = data[len(data) - 3 * self.width * self.height :]

    def row(self, y, left, width):
        begin = 3 * (y * self.width + left)
        return self.pixels[begin : begin + 3 * width]

    def middle(self, width, height):
        """Rows of the middle part of this size."""
        left, top = (self.width - width) // 2, (self.height - height) // 2
        if left < 0 or top < 0:
            sys.exit(f"{width}x{height} does not fit on a screen of {self.width}x{self.height}")
        return [self.row(top + y, left, width) for y in range(height)]


def near(one, other):
    return all(abs(a - b) <= 8 for a, b in zip(one, other))


def differing(one, other):
    """Number of pixels of two rows that differ visibly."""
    if one == other:
        return 0
    return sum(not near(one[at : at + 3], other[at : at + 3]) for at in range(0, len(one), 3))


def check_picture(server, guest):
    own = [guest.row(y, 0, guest.width) for y in range(guest.height)]
    background = own[0][:3] * guest.width
    drawn = sum(differing(row, background) for row in own)
    if drawn < 500:
        sys.exit(f"the guest has drawn {drawn} pixels: too few to prove anything")
    finish(sum(differing(one, other) for one, other in zip(server.middle(guest.width, guest.height), own)), drawn)


def check_bands(server, colours):
    """Looks at the middle line of each band: at the text mode's 720x400, bands are as high as the screen allows."""
    width, height = 720, 400
    rows = server.middle(width, height)
    wrong = 0
    for index, colour in enumerate(colours):
        row = rows[(2 * index + 1) * height // (2 * len(colours))]
        wrong += differing(row, bytes(ANSI[int(colour)]) * width)
    finish(wrong, width * len(colours))


def check_status(server):
    """The third line of text is 77 times `=`, from the second column on."""
    left, width = 8, 77 * 8
    for y in range(2 * 16, 3 * 16):
        if differing(server.row(y, left, width), bytes(3 * width)) > 0.7 * width:
            return
    sys.exit("there is no double line below a title")


def finish(wrong, pixels):
    print(f"{wrong} of {pixels} drawn pixels differ")
    if wrong > TOLERATED * pixels:
        sys.exit(1)


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "picture":
        check_picture(Picture(sys.argv[2]), Picture(sys.argv[3]))
    elif len(sys.argv) == 4 and sys.argv[1] == "bands" and set(sys.argv[3]) <= set("01234567"):
        check_bands(Picture(sys.argv[2]), sys.argv[3])
    elif len(sys.argv) == 3 and sys.argv[1] == "status":
        check_status(Picture(sys.argv[2]))
    else:
        print(__doc__, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
