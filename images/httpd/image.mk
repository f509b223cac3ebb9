# SPDX-License-Identifier: Apache-2.0
# A web server: serves the folder `files`, and /stats as JSON.
httpd_directory := images/httpd
httpd_sources := main.cpp request.cpp site.cpp stats_tenon.cpp
httpd_features := console net rng balloon agent
httpd_files := images/httpd/files
$(eval $(call tenon_image,httpd))

# The same source for Linux: what `make bench` compares with.
$(BUILD)/httpd-linux: $(addprefix images/httpd/,main.cpp request.cpp site.cpp stats_linux.cpp) \
	$(wildcard images/httpd/*.h) images/httpd/image.mk $(host_rules) | $(SETUP)
	$(call say,CXX,$@)
	$(Q)$(host_cxx) $(filter-out -MMD -MP,$(host_cxxflags)) $(filter %.cpp,$^) -o $@
