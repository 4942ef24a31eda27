"""Missing cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.block import Floats, Rows, Type, Values
from datagen.generators.amounts import finite
from datagen.modifiers.base import Change, Modifier

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope
