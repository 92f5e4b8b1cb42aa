"""Chance, with a seed that a failed test tells."""

import logging
import random

import pytest

logger = logging.getLogger(__name__)


@pytest.fixture
def chance() -> random.Random:
    seed = random.SystemRandom().randrange(1_000_000)
    logger.warning("seed %d", seed)
    return random.Random(seed)
