"""What kinds of clusters share: connecting, profiles, the processes of a local cluster."""
