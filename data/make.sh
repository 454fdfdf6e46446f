#!/bin/bash
# SPDX-License-Identifier: ISC

# data/make.sh - make data/midi/*.mid from data/abc/*.abc, check every piece
# and write the table of pieces in data/README.md.
#
#   data/make.sh           make, check, write
#   data/make.sh --check   change nothing; fail unless the files in the tree are
#                          what the sources give and every check passes
#
# Needs abc2midi (Debian package abcmidi), bash, awk, perl and the usual tools.
set -u
export LC_ALL=C
cd "$(dirname "$0")" || exit 1

mode='make'
case "${1-}" in
'') ;;
--check) mode=check ;;
*)
	echo "usage: $0 [--check]" >&2
	exit 2
	;;
esac

for tool in abc2midi awk perl cmp; do
	command -v "$tool" >/dev/null || {
		echo "$0: $tool not found" >&2
		exit 2
	}
done

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
bad=0
fail() {
	echo "FAIL $1: $2" >&2
	bad=$((bad + 1))
}

# Reads a MIDI file, prints "VOICES BARS LOW HIGH" or a complaint (exit 1).
cat >"$tmp/inspect.pl" <<'PERL'
use strict;
use warnings;
my ($file, $meter) = @ARGV;
my ($LOW, $HIGH, $MINBARS) = (48, 83, 16);
sub nope { print "$_[0]\n"; exit 1 }
open(my $fh, '<:raw', $file) or nope("cannot open: $!");
my $d = do { local $/; <$fh> };
my $at = 0;
sub take { my $n = shift; nope('file too short') if $at + $n > length $d;
	my $s = substr($d, $at, $n); $at += $n; return $s }
sub byte { return ord take(1) }
sub varlen { my $v = 0; while (1) { my $b = byte(); $v = $v << 7 | $b & 127; return $v if $b < 128 } }
nope('no MIDI header') if take(4) ne 'MThd';
my (undef, undef, $ntrk, $div) = unpack('Nnnn', take(10));
my ($num, $den) = $meter =~ m{^(\d+)/(\d+)$} or nope("meter $meter not understood");
my $bar = $div * 4 * $num / $den;
my $grid = $div / 4;
my ($low, $high, $voices, @ends) = (127, 0, 0);
for my $t (1 .. $ntrk) {
	nope('no track header') if take(4) ne 'MTrk';
	my $stop = unpack('N', take(4)) + $at;
	my ($now, $run, $last, $notes, %on) = (0, 0, 0, 0);
	while ($at < $stop) {
		$now += varlen();
		my $b = byte();
		if ($b == 0xff) { byte(); take(varlen()); next }
		if ($b == 0xf0 || $b == 0xf7) { take(varlen()); next }
		if ($b >= 0x80) { $run = $b } else { $at-- }
		my $kind = $run & 0xf0;
		if ($kind == 0xc0 || $kind == 0xd0) { take(1); next }
		my ($key, $vel) = unpack('CC', take(2));
		if ($kind == 0x90 && $vel > 0) {
			nope("track $t tick $now: note $key outside $LOW..$HIGH") if $key < $LOW || $key > $HIGH;
			# abc2midi starts notes one tick late
			nope("track $t tick $now: note not on the grid of sixteenths") if $now % $grid > 1;
			nope("track $t tick $now: note $key starts twice") if $on{$key}++;
			nope("track $t tick $now: two notes at once in one voice") if keys %on > 1;
			$low = $key if $key < $low;
			$high = $key if $key > $high;
			$notes++;
		} elsif ($kind == 0x90 || $kind == 0x80) {
			delete $on{$key};
			$last = $now;
		}
	}
	nope("track $t: note without end") if %on;
	if ($notes) { $voices++; push @ends, $last }
}
nope("$voices voices, wanted 2 to 4") if $voices < 2 || $voices > 4;
for (@ends) { nope("voices end apart: ticks @ends") if $_ != $ends[0] }
my $bars = int(($ends[0] + $bar - 1) / $bar);
nope("$bars bars, wanted at least $MINBARS") if $bars < $MINBARS;
print "$voices $bars $low $high\n";
PERL

# Every bar of every voice of a source has to fill the meter exactly.
cat >"$tmp/bars.pl" <<'PERL'
use strict;
use warnings;
my ($file) = @ARGV;
open(my $fh, '<', $file) or die "$file: $!\n";
my ($bar, $unit, $head, $voice, $bad, %count) = (0, 0, 1, 1, 0);
sub frac { my ($n, $s) = @_; $n = 1 if !defined $n || $n eq '';
	return $n unless defined $s && $s ne '';
	return $n / ($s eq '//' ? 4 : $s =~ m{/(\d+)} ? $1 : 2) }
sub say_bad { print "$_[0]\n"; $bad = 1 }
while (my $l = <$fh>) {
	chomp $l;
	$bar = $1 / $2 if $l =~ m{^M:(\d+)/(\d+)};
	$unit = $1 / $2 if $l =~ m{^L:(\d+)/(\d+)};
	if ($l =~ /^K:/) { $head = 0; next }
	next if $head || $l =~ /^%/;
	say_bad("line $.: change of key, meter or length unit") if $l =~ /^[MLK]:/;
	if ($l =~ s/^\[?V:(\S+?)\](?=\s)// || $l =~ s/^V:(\S+).*//) { $voice = $1 }
	next if $l =~ /^[A-Za-z]:/;
	$l =~ s/%.*//;
	$l =~ s/"[^"]*"|![^!]*!|\{[^}]*\}|\[[A-Za-z]:[^\]]*\]|[()~.](?=\W|[A-Ga-gz])//g;
	for my $m (split /[:|]*\|[:|\]]*\d?|::/, $l) {
		$m =~ s/\s+//g;
		next if $m eq '';
		$count{$voice}++;
		my ($sum, $swing, $rest) = (0, 1, $m);
		while ($rest =~ s{^(?:\[[^\]]*\]|(?:\^\^|\^|__|_|=)?[A-Ga-gzx][,']*)(\d*)(/+\d*)?-?([<>])?}{}) {
			my $len = frac($1, $2) * $swing;
			my $b = $3 // '';
			$swing = $b eq '>' ? .5 : $b eq '<' ? 1.5 : 1;
			$sum += $len * ($b eq '>' ? 1.5 : $b eq '<' ? .5 : 1);
		}
		say_bad("voice $voice bar $count{$voice}: not understood: $rest") if $rest =~ /[^-)(]/;
		say_bad("voice $voice bar $count{$voice}: wrong length: $m") if abs($sum * $unit - $bar) > 1e-6;
	}
}
my @n = map { $count{$_} } sort keys %count;
for (@n) { say_bad("voices have different numbers of bars: @n") if $_ != $n[0] }
exit $bad;
PERL

field() { awk -v k="$1:" 'index($0, k) == 1 { sub(/^..[ \t]*/, ""); sub(/[ \t]+$/, ""); print; exit }' "$2"; }

mkdir -p "$tmp/midi"
: >"$tmp/table"
pieces=0
for abc in abc/*.abc; do
	[ -e "$abc" ] || continue
	name=$(basename "$abc" .abc)
	pieces=$((pieces + 1))
	for k in X T C O N M L Q K; do
		[ -n "$(field $k "$abc")" ] || fail "$name" "header $k: is missing"
	done
	meter=$(field M "$abc")
	mid="$tmp/midi/$name.mid"
	abc2midi "$abc" -o "$mid" >"$tmp/log" 2>&1 || fail "$name" "abc2midi failed"
	if grep -iE 'error|warning' "$tmp/log" >"$tmp/complaints"; then
		fail "$name" "$(head -n 3 "$tmp/complaints")"
	fi
	perl "$tmp/bars.pl" "$abc" >"$tmp/log" 2>&1 || fail "$name" "$(head -n 5 "$tmp/log")"
	if [ ! -s "$mid" ]; then
		fail "$name" "no MIDI file came out"
		continue
	fi
	if ! found=$(perl "$tmp/inspect.pl" "$mid" "$meter" 2>&1); then
		fail "$name" "$found"
		continue
	fi
	read -r voices bars _ <<<"$found"
	echo "| [$name](abc/$name.abc) | $(field T "$abc") | $(field K "$abc") | $meter | $bars | $voices | $(field N "$abc") |" >>"$tmp/table"
	if [ $mode = check ]; then
		[ -e "midi/$name.mid" ] || fail "$name" "midi/$name.mid is missing"
		[ ! -e "midi/$name.mid" ] || cmp -s "$mid" "midi/$name.mid" ||
			fail "$name" "midi/$name.mid is not what abc/$name.abc gives"
	fi
done

[ $pieces -gt 0 ] || fail data "no sources in abc/"
for mid in midi/*.mid; do
	[ ! -e "$mid" ] || [ -e "abc/$(basename "$mid" .mid).abc" ] || fail "$mid" "has no source"
done

# The table stands between two marker lines.
awk -v table="$tmp/table" '
	/^<!-- end of table -->$/ { skip = 0 }
	!skip { print }
	/^<!-- table of pieces: written by make.sh -->$/ {
		print ""
		print "| File | Title | Key | Meter | Bars | Voices | Where the tune comes from |"
		print "|---|---|---|---|---:|---:|---|"
		while ((getline line <table) > 0) print line
		print ""
		skip = 1
		seen = 1
	}
	END { exit !seen }
' README.md >"$tmp/README.md" || fail README.md "no marker for the table"

if [ $mode = check ]; then
	cmp -s "$tmp/README.md" README.md || fail README.md "table is out of date"
elif [ $bad -eq 0 ]; then
	mkdir -p midi
	for mid in "$tmp"/midi/*.mid; do
		cmp -s "$mid" "midi/$(basename "$mid")" || cp "$mid" midi/
	done
	cmp -s "$tmp/README.md" README.md || cat "$tmp/README.md" >README.md
fi

if [ $bad -ne 0 ]; then
	echo "$0: $bad failed checks in $pieces pieces" >&2
	exit 1
fi
echo "$pieces pieces, all checks passed"
