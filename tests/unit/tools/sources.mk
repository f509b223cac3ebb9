# SPDX-License-Identifier: Apache-2.0
# All of the agent's sources that need no kernel.
unit_sources += $(filter-out tools-agent/agent.cpp tools-agent/kernel_guest.cpp, \
	$(wildcard tools-agent/*.cpp tools-agent/commands/*.cpp))
