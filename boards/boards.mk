# SPDX-License-Identifier: BSD-2-Clause
# Images of a board (boards/<name>/board.mk): the raw firmware, the file that its
# boot chain takes, and the kernel; what they must look like is checked each time.
#
#	make images BOARD=visionfive2 [UBOOT=u-boot-nodtb.bin UBOOT_DTB=board.dtb]
#	make images BOARD=microchip-icicle-kit [UBOOT_DTB=board.dtb] [HSS_GENERATOR=hss-payload-generator]
#	make dist

ALL_BOARDS := $(patsubst boards/%/board.mk,%,$(wildcard boards/*/board.mk))
MBPF_VERSION := $(or $(shell git describe --always --dirty --tags 2>/dev/null),unversioned)
IMAGES_DIR := $(BUILD)/$(BOARD)/images-$(OPENSBI_TAG)
FW_RAW := $(foreach f,dynamic jump payload,$(IMAGES_DIR)/fw_$(f).bin)
HSS_GENERATOR ?= hss-payload-generator
UBOOT ?=
UBOOT_DTB ?=

board_artefact.fit := $(IMAGES_DIR)/$(if $(UBOOT),u-boot.itb,opensbi.itb)
board_artefact.hss := $(IMAGES_DIR)/payload.yaml
BOARD_ARTEFACT := $(board_artefact.$(BOARD_IMAGE))

$(IMAGES_DIR)/fw_payload.bin: $(FW_PAYLOAD_KERNEL)
	$(Q)mkdir -p $(@D) && cp $< $@
$(IMAGES_DIR)/fw_%.bin: $(FW_BIN)
	$(Q)mkdir -p $(@D) && cp $(FW_OPENSBI)/platform/generic/firmware/$(@F) $@
$(IMAGES_DIR)/kernel.bin: $(KERNEL_BIN)
	$(Q)mkdir -p $(@D) && cp $< $@
$(IMAGES_DIR)/initrd.cpio: $(INITRD)
	$(Q)mkdir -p $(@D) && cp $< $@

$(IMAGES_DIR)/%.itb: $(IMAGES_DIR)/fw_dynamic.bin tools/mkfit.sh $(UBOOT) $(UBOOT_DTB)
	$(call say,FIT,$@)
	$(Q)tools/mkfit.sh $@ $< $(or $(BOARD_LOAD_ADDR),$(BOARD_FW_TEXT_START)) $(or $(BOARD_FIT_COMPRESSION),none) \
		$(if $(UBOOT),$(UBOOT) $(BOARD_UBOOT_ADDR) '$(UBOOT_DTB)')

# The Hart Software Services put one file, firmware with kernel and initrd, and the device tree into memory, start the file
# in M-mode on all U54s with the tree's address in a1, and keep out of the way (skip-opensbi). (The tool takes several files,
# but lets a hart load those of the last one only.)
$(IMAGES_DIR)/board.dtb: $(or $(UBOOT_DTB),$(BOARD_TREE)) $(IMAGES_DIR)/initrd.cpio boards/$(BOARD)/board.mk tools/mkdtb.sh
	$(Q)tools/mkdtb.sh $@ $< $(BOARD_INITRD_ADDR) $(IMAGES_DIR)/initrd.cpio

$(IMAGES_DIR)/mbpf.bin: $(IMAGES_DIR)/fw_payload.bin $(IMAGES_DIR)/initrd.cpio boards/$(BOARD)/board.mk
	$(Q)cp $< $@ && truncate -s $$(($(BOARD_INITRD_ADDR) - $(BOARD_FW_TEXT_START))) $@ && cat $(IMAGES_DIR)/initrd.cpio >>$@

$(IMAGES_DIR)/payload.yaml: $(IMAGES_DIR)/mbpf.bin $(IMAGES_DIR)/board.dtb boards/$(BOARD)/board.mk
	$(Q)printf '%s\n' "set-name: 'mbpf'" \
		"hart-entry-points: {$(foreach h,1 2 3 4,u54_$(h): '$(BOARD_FW_TEXT_START)'$(if $(filter-out 4,$(h)),$(comma)))}" \
		'payloads:' "  mbpf.bin: {exec-addr: '$(BOARD_FW_TEXT_START)', owner-hart: u54_1, secondary-hart: u54_2, secondary-hart: u54_3, \
	secondary-hart: u54_4, priv-mode: prv_m, skip-opensbi: true, ancilliary-data: board.dtb}" >$@
	$(Q)rm -f $(@D)/payload.bin
	$(Q)if command -v $(HSS_GENERATOR) >/dev/null; then cd $(@D) && $(HSS_GENERATOR) -c payload.yaml payload.bin; fi

images: $(FW_RAW) $(IMAGES_DIR)/kernel.bin $(IMAGES_DIR)/initrd.cpio $(BOARD_ARTEFACT) ## images for BOARD, checked
	$(Q)tests/boards/check.py --board '$(BOARD)' --title '$(BOARD_TITLE)' --dir $(IMAGES_DIR) --elf $(FW_ELF) --mkimage-kind '$(BOARD_IMAGE)' \
		--text '$(BOARD_FW_TEXT_START)' --ram-base '$(BOARD_RAM_BASE)' --next-offset '$(BOARD_KERNEL_OFFSET)' \
		--load '$(BOARD_LOAD_ADDR)' --initrd-addr '$(BOARD_INITRD_ADDR)' --arena '$(BOARD_ARENA_SIZE)' --slot '$(BOARD_SLOT_SIZE)' --compression '$(or $(BOARD_FIT_COMPRESSION),none)' \
		--why "$(BOARD_IMAGE_WHY)" $(if $(UBOOT),--uboot $(UBOOT) --uboot-addr $(BOARD_UBOOT_ADDR)) \
		--kernel $(KERNEL_BIN) --version '$(MBPF_VERSION), OpenSBI $(OPENSBI_TAG)' --result $(BUILD)/boards/$(BOARD).images.json

# The firmware of these images in QEMU's virt machine: `make test-images` does it for all boards
boot-images: images
	$(Q)tests/boards/boot.py --board $(BOARD) --dir $(IMAGES_DIR) --arena $(BOARD_ARENA_SIZE) --isolation-max '$(BOARD_ISOLATION_MAX)' \
		--qemu '$(QEMU)' --version '$(MBPF_VERSION), OpenSBI $(OPENSBI_TAG)' --result $(BUILD)/boards/$(BOARD).boot.json
test-images: ## images of all boards, checked, and their firmware booted in QEMU's virt
	+$(Q)tools/tally.py $(foreach b,$(ALL_BOARDS),'$(MAKE_QUIET) boot-images BOARD=$(b)')

# Every board with both the images and their sums; the manifest says what is what.
dist: ## versioned images of all boards: $(BUILD)/dist
	$(Q)rm -rf $(BUILD)/dist && mkdir -p $(BUILD)/dist
	+$(Q)set -e; for b in $(ALL_BOARDS); do \
		$(MAKE_QUIET) images BOARD=$$b; \
		name=mbpf-$(MBPF_VERSION)-opensbi-$(OPENSBI_TAG)-$$b; \
		cp -r $(BUILD)/$$b/images-$(OPENSBI_TAG) $(BUILD)/dist/$$name; \
	done
	$(Q)cd $(BUILD)/dist && { printf 'mbpf %s, OpenSBI %s\n' '$(MBPF_VERSION)' '$(OPENSBI_TAG)'; for d in mbpf-*; do \
		printf '\n%s\n' "$$d"; sed 's/^/    /' $$d/ABOUT; (cd $$d && find . -type f -printf '    %P\t%s bytes\n' | sort); \
		done; } >MANIFEST
	$(Q)cd $(BUILD)/dist && find . -type f ! -name SHA256SUMS | sort | cut -c3- | xargs sha256sum >SHA256SUMS
	$(Q)cd $(BUILD)/dist && sha256sum --quiet -c SHA256SUMS && echo "  $(BUILD)/dist: $$(wc -l <SHA256SUMS) files"

# QEMU of another Debian release, for what the installed one does not have
$(BUILD)/qemu-%/qemu-system-riscv64: tools/get-qemu.sh tools/get-deb.sh
	$(call say,GET,QEMU ($*))
	$(Q)tools/get-qemu.sh $* $(@D)
	$(Q)touch $@

# The rows of tests/boards/variants.toml: with ONLY= some of them, with CASE= some of the cases.
ONLY ?=
VARIANTS = tests/boards/variants.py --only '$(ONLY)' --cases '$(CASE)' --tally tools/tally.py \
	--other-qemu '$(abspath $(BUILD))/qemu-{suite}/qemu-system-riscv64'
test-boards: $(if $(filter test-boards,$(MAKECMDGOALS)),$(foreach s,$(shell $(VARIANTS) --list make),$(BUILD)/qemu-$(s)/qemu-system-riscv64)) ## all guest tests on all machines that QEMU has; ONLY=names, CASE=cases
	+$(Q)$(VARIANTS) -- $(MAKE_QUIET)

# U-Boot for the Unleashed, as Debian has it
UNLEASHED := $(BUILD)/u-boot-sifive/usr/lib/u-boot/sifive_unleashed
$(UNLEASHED)/u-boot.itb: tools/get-deb.sh
	$(call say,GET,U-Boot for the HiFive Unleashed)
	$(Q)tools/get-deb.sh trixie riscv64 $(BUILD)/u-boot-sifive u-boot-sifive
	$(Q)touch $@

test-spl: $(UNLEASHED)/u-boot.itb $(FW_BIN) $(KERNEL_BIN) $(INITRD) ## a real board's chain in QEMU: SPL, FIT, mbpf, U-Boot, kernel
	$(Q)tools/mkfit.sh $(BUILD)/u-boot-sifive/mbpf.itb $(FW_BIN) 0x80000000 none $<
	$(Q)tests/boards/spl.py --qemu '$(QEMU)' --spl $(UNLEASHED)/u-boot-spl.bin --fit $(BUILD)/u-boot-sifive/mbpf.itb \
		--bios $(FW_BIN) --kernel $(KERNEL_BIN) --initrd $(INITRD) --log $(BUILD)/u-boot-sifive/test-spl.log

# What the Icicle kit's first stage does, with the files that payload.yaml names. Behind them, so far that OpenSBI's copy of
# the tree (0x82200000) does not reach it: the tree.
HSS_TREE_ADDR := 0x88000000
test-hss: ## the Icicle kit's chain in QEMU: HSS's handover, mbpf, kernel, initrd from one file
ifneq ($(BOARD),microchip-icicle-kit)
	+$(Q)$(MAKE_QUIET) test-hss BOARD=microchip-icicle-kit
else
test-hss: images
	$(Q)$(RISCV_CC) -nostdlib -static -Wl,--build-id=none -Wl,-Ttext=0x20220000 -DPAYLOAD=$(BOARD_FW_TEXT_START) -DTREE=$(HSS_TREE_ADDR) \
		tests/boards/hss.S -o $(BUILD)/$(BOARD)/hss.elf
	$(Q)$(RISCV_OBJCOPY) -O binary -j .text $(BUILD)/$(BOARD)/hss.elf $(BUILD)/$(BOARD)/hss.bin
	$(Q)tests/boards/hss.py --qemu '$(QEMU)' --hss $(BUILD)/$(BOARD)/hss.bin --payload $(IMAGES_DIR)/mbpf.bin --text $(BOARD_FW_TEXT_START) \
		--tree $(IMAGES_DIR)/board.dtb --tree-addr $(HSS_TREE_ADDR) --log $(BUILD)/$(BOARD)/test-hss.log
endif

board-table: ## the tables of boards, from the results of `images` and `test-boards`
	$(Q)tests/boards/table.py --results $(BUILD)/boards --status boards/status.json --page docs/board-status.md \
		--readme README.md --variants tests/boards/variants.toml --boards $(ALL_BOARDS)

.PHONY: images boot-images test-images dist test-boards test-spl test-hss board-table
