package Edges::Volume;
# What the volume of an edge's proxies says of it, as one line for those of other edges, and how a map file is written there.
use strict;
use warnings;
use Exporter 'import';
use Fcntl;
use IO::Handle;
use POSIX qw(strftime uname);
our @EXPORT = qw(@MAPS LONGEST open_volume config_file map_file signature iso told understood put);

our @MAPS = qw(share maintenance);

# The longest line, in bytes.
use constant LONGEST => 1_000;

my $volume;
sub open_volume { $volume = $_[0] }
sub config_file { "$volume/haproxy.cfg" }
sub map_file { "$volume/$_[0].map" }

# Changes whenever one of these files does.
sub signature { join ' ', map { join ':', map { $_ // '' } (stat)[0, 1, 7, 9, 10] } @_ }

sub iso { strftime('%Y-%m-%dT%H:%M:%S.000Z', gmtime $_[0]) }

my $stamp = qr/\d{1,15}/;
my $time = qr/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/;

# In this order, `-` for what is not there or not right. A map's stamp is in milliseconds since 1970, 0 for none.
my @fields = (
  [volume => qr/[0-9a-f:-]{1,100}/],
  [site => qr/[\w.-]{1,64}/],
  [share => qr/10000|\d{1,4}/],
  [share_at => $stamp],
  [maintenance => qr/[01]/],
  [maintenance_at => $stamp],
  [since => $time],
  [config => qr/[0-9a-f]{64}/],
  [written => $time],
);
my $line = join ' ', 'edge', map { "(?<$_->[0]>$_->[1]|-)" } @fields;

sub text { open(my $file, '<', $_[0]) or return ''; read($file, my $text, LONGEST); $text // '' }

# Site, value and stamp.
sub entry { text(map_file($_[0])) =~ /\A(\S+) (\d+)\n(?:at (\d+)\n)?/ }

# HAProxy's file has secrets, and is long.
my %hash = (of => '', is => '');
sub hash {
  my $now = signature(config_file());
  if ($now ne $hash{of}) {
    open(my $sum, '-|', 'sha256sum', config_file()) or return '';
    %hash = (of => $now, is => (split ' ', <$sum> // '')[0]);
  }
  return $hash{is};
}

# The line of this volume. One that is known to be late has no say in what the configuration is.
sub told {
  my ($late) = @_;
  my %told;
  for my $map (@MAPS) {
    (my $site, @told{$map, "${map}_at"}) = entry($map);
    $told{site} //= $site;
  }
  $told{since} = (split ' ', text("$volume/turn"))[3];
  my $written = (stat config_file())[9];
  @told{qw(config written)} = (hash(), iso($written)) if $written && !$late;
  # Two proxies on the same folder of the same machine are one edge.
  $told{volume} = join ':', text('/proc/sys/kernel/random/boot_id') =~ /([0-9a-f-]+)/, (stat $volume)[0, 1];
  return join(' ', 'edge', map { ($told{$_->[0]} // '') =~ /\A($_->[1])\z/ ? $1 : '-' } @fields) . "\n";
}

# A line's fields by name; nothing for a line of another form.
sub understood {
  $_[0] =~ /\A$line\n\z/ or return;
  my %told = map { $_->[0] => $+{$_->[0]} eq '-' ? undef : $+{$_->[0]} } @fields;
  $told{"${_}_at"} //= 0 for @MAPS;
  $told{$_} //= '' for qw(volume site since config written);
  return \%told;
}

# Whole or not at all, and on the disk, as the CLI writes it. That may have written meanwhile, and so may the proxy beside this one.
sub put {
  my ($map, $site, $value, $at) = @_;
  my $beside = map_file($map) . '.' . (uname)[1];
  my $put = sysopen(my $file, $beside, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  $put &&= print($file "$site $value\nat $at\n") && $file->flush && $file->sync && close $file;
  if ($put && ((entry($map))[2] // 0) < $at) {
    $put = rename($beside, map_file($map)) && open(my $folder, '<', $volume);
    $put &&= $folder->sync;
  }
  my $why = $!;
  unlink $beside;
  $! = $why;
  return $put;
}

1;
