package Edges::Workers;
# Has HAProxy's workers do what the map files say.
use strict;
use warnings;
use Exporter 'import';
use Edges::Volume;
our @EXPORT = qw(set_workers);

# How long HAProxy may take for its answers, in seconds: a worker that ends just then may never give one.
use constant PATIENCE => 5;

sub control {
  open(my $out, '-|', 'sh', '-c', 'exec timeout "$@" 2>/dev/null', 'sh', PATIENCE, 'control', @_) or return;
  local $/;
  return split /\036/, <$out> // '';
}

# Those from before a reload, too: they answer on connections that are still open. What could not be written holds as well.
sub set_workers {
  my ($own) = @_;
  my @pids = ((control('show proc'))[0] // '') =~ /^(\d+)\s+worker\s/mg;
  my @places = map { my $pid = $_; map { [$pid, $_] } @MAPS } @pids or return;
  my @shown = control(map { "\@!$_->[0] show map " . map_file($_->[1]) } @places);
  my $file = understood(told()); # anew: what was read before may have been overtaken
  my @commands;
  for my $place (@places) {
    my ($pid, $map) = @$place;
    my ($site, $value) = @{$own->{"${map}_at"} > $file->{"${map}_at"} ? $own : $file}{'site', $map};
    my ($has) = (shift @shown // '') =~ /^0x\S+ \Q$site\E (\d+)$/m;
    next unless defined $value && defined $has && $has != $value;
    push @commands, "\@!$pid set map " . map_file($map) . " $site $value";
  }
  control(@commands) if @commands;
}

1;
