from setuptools import setup

setup(cffi_modules=["build_declarations.py:ffi"])
