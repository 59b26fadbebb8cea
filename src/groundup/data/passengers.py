"""International airline passengers of twelve years, month by month: 144 published figures."""

import numpy as np

from groundup.data.dataset import Dataset, Description

DESCRIPTION = Description(
    name="passengers",
    title="International airline passengers, 1949 to 1960",
    source="Box and Jenkins, series G; Brown (1962)",
    licence="published figures",
    citation="Box and Jenkins (1970), Time Series Analysis: Forecasting and Control",
)
# Thousands of passengers, a year to a row.
FIGURES = (
    (112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118),
    (115, 126, 141, 135, 125, 149, 170, 170, 158, 133, 114, 140),
    (145, 150, 178, 163, 172, 178, 199, 199, 184, 162, 146, 166),
    (171, 180, 193, 181, 183, 218, 230, 242, 209, 191, 172, 194),
    (196, 196, 236, 235, 229, 243, 264, 272, 237, 211, 180, 201),
    (204, 188, 235, 227, 234, 264, 302, 293, 259, 229, 203, 229),
    (242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278),
    (284, 277, 317, 313, 318, 374, 413, 405, 355, 306, 271, 306),
    (315, 301, 356, 348, 355, 422, 465, 467, 404, 347, 305, 336),
    (340, 318, 362, 348, 363, 435, 491, 505, 404, 359, 310, 337),
    (360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405),
    (417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432),
)
YEARS_TO_TRAIN = 8


def load() -> Dataset:
    """144 months: the first eight years to train, the last four to test.

    Shapes:
        x are the months, y the passengers in thousands: (96,) for training, (48,) for testing;
        x is datetime64[M], y float32.
    """
    passengers = np.array(FIGURES, np.float32).ravel()
    months = np.datetime64("1949-01") + np.arange(passengers.size)
    cut = 12 * YEARS_TO_TRAIN
    return Dataset(
        DESCRIPTION,
        "kept in the code",
        x_train=months[:cut],
        y_train=passengers[:cut],
        x_test=months[cut:],
        y_test=passengers[cut:],
    )
