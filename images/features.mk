# SPDX-License-Identifier: Apache-2.0
# What of the kernel an image can ask for; kernel/kernel.mk says what each consists of, docs/images.md what it brings.
IMAGE_FEATURES := console rng balloon net sntp agent blk
