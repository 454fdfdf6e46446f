# SPDX-License-Identifier: ISC

from setuptools import setup

setup(cffi_modules=["build_declarations.py:ffi"])
