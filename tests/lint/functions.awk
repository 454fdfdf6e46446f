# SPDX-License-Identifier: ISC

# No function is longer than 60 lines, from its first line to its closing brace; 10 to 15 are the rule.
# Relies on the layout that clang-format gives: a function begins and ends in the first column.

BEGIN { limit = 60 }

FNR == 1 { header = ""; inside = 0 }

{ text = code($0) }

!inside && text ~ /^[A-Za-z_]/ {
  header = ""
  start = FNR
}

!inside && text !~ /^[#}]/ {
  header = header text
  if (text ~ /\{ *$/) {
    inside = 1
    is_function = header ~ /\(/ && header !~ /=/
  } else if (text ~ /[;}] *$/) {
    header = ""
  }
}

inside && text ~ /^}/ {
  inside = 0
  if (is_function) measure(FNR - start + 1)
  header = ""
}

function measure(lines) {
  ++functions
  ++count[lines]
  if (lines > limit) complain("a function of " lines " lines, " limit " at most: " name_in(header))
}

function name_in(text) {
  sub(/\(.*/, "", text)
  sub(/^.*[ *]/, "", text)
  return text "()"
}

# The length that a share of the functions does not exceed.
function quantile(share,    seen, lines) {
  for (lines = 1; seen < share * functions; ++lines) seen += count[lines]
  return lines - 1
}

END {
  printf "note: %d functions, median %d lines, 95 %% within %d, longest %d\n", functions, quantile(0.5),
         quantile(0.95), quantile(1)
}
