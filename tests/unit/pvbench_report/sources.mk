# SPDX-License-Identifier: Apache-2.0
# What pvbench makes of results: reading, comparing, the report. Its parts of hv are among those of tests/unit/hv.
unit_sources += $(wildcard images/pvbench/report/*.cpp)
