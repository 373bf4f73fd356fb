# Targets that a person and CI call by the same words.

# Every public header compiles alone.
add_custom_target(check)
add_dependencies(check all_verify_interface_header_sets)
