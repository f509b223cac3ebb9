# SPDX-License-Identifier: Apache-2.0
# All of the agent but what needs a kernel.
unit_sources += $(filter-out tools-agent/agent.cpp tools-agent/kernel_guest.cpp,$(wildcard tools-agent/*.cpp tools-agent/commands/*.cpp))
