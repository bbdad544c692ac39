"""Quality of data: checks that domains declare, counted by place, with the records behind."""
