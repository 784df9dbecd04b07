"""What all readers of files share: what they return, how much they take, and which arrays mean what."""

from brainmass.formats.reading.array_names import CENTRES, CORTICAL, HEMISPHERES, LABELS, Chosen, chosen, first_of
from brainmass.formats.reading.bounds import (
    MOST_BYTES,
    MOST_REGIONS,
    Refused,
    check_array,
    check_no_key,
    checked_square,
    needed,
)
from brainmass.formats.reading.file_content import FileContent, flags_of, names_of_numbers
from brainmass.formats.reading.hdf5 import (
    check_dataset,
    check_heaps,
    dataset_at,
    group_at,
    names_in,
    numbers_of,
    opened_hdf5,
    texts_of,
)
from brainmass.formats.reading.side_files import centres_of_file, names_of_file
from brainmass.formats.reading.text import number_rows, parsed, row_of, text_lines, text_of

__all__ = [
    "CENTRES",
    "CORTICAL",
    "HEMISPHERES",
    "LABELS",
    "MOST_BYTES",
    "MOST_REGIONS",
    "Chosen",
    "FileContent",
    "Refused",
    "centres_of_file",
    "check_array",
    "check_dataset",
    "check_heaps",
    "check_no_key",
    "checked_square",
    "chosen",
    "dataset_at",
    "first_of",
    "flags_of",
    "group_at",
    "names_in",
    "names_of_file",
    "names_of_numbers",
    "needed",
    "number_rows",
    "numbers_of",
    "opened_hdf5",
    "parsed",
    "row_of",
    "text_lines",
    "text_of",
    "texts_of",
]
